import { expect, it } from 'vitest';
import { extractOperations, sourceOf } from './extract.ts';

const DOCUMENT = {
  info: { title: 'A vendor', version: '2', description: 'Prose.' },
  servers: [{ url: 'https://vendor.example' }],
  components: {
    schemas: {
      Row: {
        type: 'object',
        description: 'Prose.',
        required: ['at'],
        properties: {
          at: { type: 'string', format: 'date-time', example: 'x' },
          next: { $ref: '#/components/schemas/Row' },
        },
      },
    },
    parameters: {
      Limit: { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 5, default: 2 } },
    },
  },
  paths: {
    '/rows/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: {
        summary: 'Prose.',
        parameters: [{ $ref: '#/components/parameters/Limit' }],
        responses: {
          200: {
            content: {
              'application/json': {
                schema: { type: 'array', items: { $ref: '#/components/schemas/Row' } },
              },
            },
          },
          204: { description: 'Nothing.' },
        },
      },
    },
  },
};

it('keeps what an operation takes and answers, without prose, references in their place', () => {
  const { 'GET /rows/{id}': operation } = extractOperations(DOCUMENT, ['/rows/{id}']);
  expect(operation?.parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 5 } },
  ]);
  expect(operation?.answers['200']).toMatchObject({
    type: 'array',
    items: { required: ['at'], properties: { at: { type: 'string', format: 'date-time' } } },
  });
  expect(Object.keys(operation?.answers ?? {})).toEqual(['200']);
  expect(JSON.stringify(operation)).not.toContain('Prose');
});

it('names the document, and a path that it does not have', () => {
  expect(sourceOf(DOCUMENT)).toBe("OpenAPI document 'A vendor' 2, https://vendor.example");
  expect(() => extractOperations(DOCUMENT, ['/none'])).toThrow('the document has no path /none');
});
