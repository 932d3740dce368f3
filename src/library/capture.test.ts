import sharp from 'sharp';
import { expect, it } from 'vitest';
import { NOTHING_KNOWN, parseTime, readCapture } from './capture.ts';

const picture = () => sharp({ create: { width: 8, height: 8, channels: 3, background: '#804020' } });
const TIME = Date.UTC(2018, 2, 4, 5, 6, 7);
const ZEROS = '0000:00:00 00:00:00';

const packet = (properties: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">${properties}</rdf:Description></rdf:RDF></x:xmpmeta>`;

it('the first valid time counts, not the first that is there', async () => {
  const dates = { DateTimeOriginal: ZEROS, DateTimeDigitized: '2018:03:04 05:06:07' };
  const zeros = await picture()
    .withExif({ IFD0: { DateTime: ZEROS }, IFD2: dates })
    .jpeg()
    .toBuffer();
  expect(readCapture(zeros).taken).toBe(TIME);
  const changed = {
    IFD0: { DateTime: '2018:03:04 05:06:07' },
    IFD2: { DateTimeOriginal: '2018:02:30 01:01:01' },
  };
  expect(readCapture(await picture().withExif(changed).jpeg().toBuffer()).taken).toBe(TIME);
});

it.each(['jpeg', 'webp', 'tiff', 'avif'] as const)('a time in XMP alone is read, in %s', async (format) => {
  const original = packet(
    '<photoshop:DateCreated>2001-01-01</photoshop:DateCreated><exif:DateTimeOriginal>2018-03-04T05:06:07.25+02:00</exif:DateTimeOriginal>',
  );
  expect(readCapture(await picture().withXmp(original)[format]().toBuffer()).taken).toBe(TIME);
  const created = packet('<xmp:CreateDate>2018-03-04</xmp:CreateDate>');
  expect(readCapture(await picture().withXmp(created)[format]().toBuffer()).taken).toBe(Date.UTC(2018, 2, 4));
});

it('what a camera wrote comes before what a program wrote', async () => {
  const xmp = packet('<exif:DateTimeOriginal>1999-01-01T00:00:00</exif:DateTimeOriginal>');
  const both = picture()
    .withExif({ IFD2: { DateTimeOriginal: '2018:03:04 05:06:07' } })
    .withXmp(xmp);
  expect(readCapture(await both.jpeg().toBuffer()).taken).toBe(TIME);
});

it.each([
  ['2018:03:04 05:06:07', TIME],
  ['2018-03-04T05:06:07Z', TIME],
  ['2018-03-04T05:06', Date.UTC(2018, 2, 4, 5, 6)],
  ['1987', Date.UTC(1987, 0)],
  ['1987-06', Date.UTC(1987, 5)],
  ['2016-02-29', Date.UTC(2016, 1, 29)],
  [ZEROS, null],
  ['    :  :     :  :  ', null],
  ['2018:02:30 00:00:00', null],
  ['2018:13:01 00:00:00', null],
  ['2018:03:04 25:00:00', null],
  ['0001-01-01T00:00:00', null],
  ['201803', null],
  ['', null],
  [undefined, null],
])('the date %j in a picture is read as the time %j', (text, time) => {
  expect(parseTime(text)).toBe(time);
});

it('damaged data of a picture gives no time of capture', () => {
  expect(readCapture(Buffer.from('no picture'))).toEqual(NOTHING_KNOWN);
  expect(readCapture(Buffer.alloc(0))).toEqual(NOTHING_KNOWN);
});
