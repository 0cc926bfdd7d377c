export const handler = async (_event: unknown) => ({ statusCode: 501, body: '{}' });
