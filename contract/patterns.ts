/** How values are written, as JSON Schema's regular expressions: for what comes in, what is answered, and events. */

export const USER_ID_MAX_CHARACTERS = 64;
/** URL parsers fold `.` and `..`: the first character is a letter or digit. */
export const USER_ID_PATTERN = `^[A-Za-z0-9][A-Za-z0-9._:@-]{0,${USER_ID_MAX_CHARACTERS - 1}}$`;

const UUID_GROUPS = [8, 4, 4, 4, 12];
export const UUID_PATTERN = `^${UUID_GROUPS.map((digits) => `[0-9A-Fa-f]{${digits}}`).join('-')}$`;
/** As we write them. */
export const LOWER_CASE_UUID_PATTERN = UUID_PATTERN.replaceAll('A-F', '');

/** RFC 3339, UTC, milliseconds. `[0-9]`: in some readers of JSON Schema `\d` takes the digits of every script. */
export const TIME_PATTERN = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$';
