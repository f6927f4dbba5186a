// What a service says of its endpoints, as far as the page shows it.

const text = { type: 'string' };
const count = { name: 'count', in: 'query', schema: { type: 'integer', default: 10 }, description: 'How many at most.' };
const least = {
  name: 'min_ratings',
  in: 'query',
  schema: { type: 'integer' },
  description: 'Only items with at least this many ratings; 0 for all.',
};
const item = {
  name: 'item',
  in: 'path',
  required: true,
  schema: text,
  example: '1007',
  description: 'The id of an item, as in the data.',
};
const user = {
  name: 'user',
  in: 'path',
  required: true,
  schema: text,
  example: '1',
  description: 'The id of a user, as in the data.',
};
const body = (name) => ({ content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } });

export const openapi = {
  openapi: '3.1.0',
  info: { title: 'recburn', version: '0.1.0' },
  paths: {
    '/v1/recommendations': { post: { summary: 'A list for ratings that somebody gives now', requestBody: body('Ask') } },
    '/v1/users/{user}/recommendations': {
      get: { summary: 'A list for a user that the model knows', parameters: [user, count, least] },
    },
    '/v1/predictions': { post: { summary: 'Ratings that the model expects', requestBody: body('Pairs') } },
    '/v1/explanations': { post: { summary: 'Which ratings a prediction rests on', requestBody: body('Explain') } },
    '/v1/items': {
      get: {
        summary: 'Titles by search, genre or popularity',
        parameters: [{ name: 'q', in: 'query', schema: text, example: 'the lantern', description: 'A part of a title.' }, count],
      },
    },
    '/v1/items/{item}': { get: { summary: 'An item with its mean and histogram', parameters: [item] } },
    '/v1/items/{item}/similar': { get: { summary: 'Items with the nearest vectors', parameters: [item, count, least] } },
    '/v1/map': { get: { summary: 'All items on two principal components', parameters: [count] } },
    '/v1/model': { get: { summary: 'The model: layers, training, results' } },
    '/v1/reload': { post: { summary: 'Reads the folder of the model again' } },
    '/livez': { get: { summary: 'Whether the process answers' } },
    '/readyz': { get: { summary: 'Whether it can be asked for recommendations' } },
    '/metrics': { get: { summary: 'Figures for Prometheus' } },
  },
  components: {
    schemas: {
      Rating: {
        type: 'object',
        required: ['item', 'rating'],
        properties: { item: { type: 'string', example: '1007' }, rating: { type: 'number', example: 4.5 } },
      },
      Ask: {
        type: 'object', // as the service has it: neither ratings nor a user are required
        properties: {
          ratings: { type: 'array', items: { $ref: '#/components/schemas/Rating' } },
          user: { oneOf: [{ type: 'null' }, { type: 'string' }] },
          count: { type: ['integer', 'null'] },
        },
      },
      Explain: {
        type: 'object',
        required: ['ratings', 'item'],
        properties: {
          ratings: { type: 'array', items: { $ref: '#/components/schemas/Rating' } },
          item: { type: 'string', example: '1014' },
        },
      },
      Pairs: {
        type: 'object',
        required: ['pairs'],
        properties: {
          pairs: {
            type: 'array',
            items: {
              type: 'object',
              required: ['user', 'item'],
              properties: { user: { type: 'string', example: '1' }, item: { type: 'string', example: '1007' } },
            },
          },
        },
      },
    },
  },
};
