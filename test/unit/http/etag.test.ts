import { hasCurrent } from '../../../http/etag.ts';

const ETAG = '"3"';

test.each([
  '"3"',
  'W/"3"',
  ' "3" ',
  '"1", "2", "3"',
  '"1","3"',
  '"3",',
  ',, W/"2" ,"3"',
  '"a b", "3"',
  '*',
  ' * ',
  '"", "3"',
])('If-None-Match: %s says that the client has "3"', (header) => {
  expect(hasCurrent(header, ETAG)).toBe(true);
});

test.each([
  undefined,
  '',
  ' ',
  '3',
  "'3'",
  '"2"',
  '"30"',
  '"03"',
  '" 3"',
  '"3',
  '3"',
  'w/"3"',
  'W/3',
  'W/ "3"',
  '"1,3"',
  '"1;3"',
  '**',
  '"*"',
  '*, "2"',
  '"\u0000", "2"',
])('If-None-Match: %p does not', (header) => {
  expect(hasCurrent(header, ETAG)).toBe(false);
});
