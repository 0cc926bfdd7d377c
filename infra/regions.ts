import { RegionInfo } from 'aws-cdk-lib/region-info';

/** Every Region of the standard partition that CDK knows. */
export const knownRegions: readonly string[] = RegionInfo.regions
  .filter((region) => region.partition === 'aws')
  .map((region) => region.name)
  .sort();
