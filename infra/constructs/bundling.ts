/** How functions are bundled, in esbuild's words: by CDK, and by the benchmark that compares their bundles. */
export const BUNDLING = {
  target: 'node24',
  minify: true,
  mainFields: ['module', 'main'],
  // The SDK imports node:http when it is first called: as an ES module, which is what `cjs` avoids.
  supported: { 'dynamic-import': false },
};
