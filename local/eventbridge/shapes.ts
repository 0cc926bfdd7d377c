import type { TextRule } from './validation.ts';

/** The constraints of AWS's service model, by the names that the model gives them. */
const BUS_ARN_PREFIX = '(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?';

const text = (min: number, max: number, pattern?: string): TextRule =>
  pattern === undefined ? { min, max } : { min, max, pattern };

export const EVENT_SOURCE_NAME = text(1, 256, 'aws\\.partner(/[\\.\\-_A-Za-z0-9]+){2,}');
export const EVENT_SOURCE_NAME_PREFIX = text(1, 256, '[/\\.\\-_A-Za-z0-9]+');
export const PARTNER_NAME_PREFIX = text(1, 256, 'aws\\.partner/[\\.\\-_A-Za-z0-9]+/[/\\.\\-_A-Za-z0-9]*');
export const ACCOUNT_ID = text(12, 12, '\\d{12}');
export const EVENT_BUS_NAME = text(1, 256, '[/\\.\\-_A-Za-z0-9]+');
export const NON_PARTNER_BUS_NAME = text(1, 256, '[\\.\\-_A-Za-z0-9]+');
export const BUS_NAME_OR_ARN = text(1, 1600, `${BUS_ARN_PREFIX}[/\\.\\-_A-Za-z0-9]+`);
/** No slash: nobody can put an event of his own onto a partner bus. */
export const NON_PARTNER_BUS_NAME_OR_ARN = text(1, 1600, `${BUS_ARN_PREFIX}[\\.\\-_A-Za-z0-9]+`);
export const RULE_NAME = text(1, 64, '[\\.\\-_A-Za-z0-9]+');
export const TARGET_ID = text(1, 64, '[\\.\\-_A-Za-z0-9]+');
export const ARN = text(1, 1600);
export const STATEMENT_ID = text(1, 64, '[a-zA-Z0-9-_]+');
export const ACTION = text(1, 64, 'events:[a-zA-Z]+');
export const PRINCIPAL = text(1, 12, '(\\d{12}|\\*)');
export const DESCRIPTION = text(0, 512);
export const EVENT_PATTERN = text(0, 4096);
export const SCHEDULE = text(0, 256);
export const INPUT = text(0, 8192);
export const INPUT_PATH = text(0, 256);
export const INPUT_TEMPLATE = text(1, 8192);
export const TAG_KEY = text(1, 128);
export const TAG_VALUE = text(0, 256);
export const RESOURCE = text(0, 2048);
export const RULE_STATES = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'] as const;
