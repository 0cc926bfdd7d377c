/** What the API answers to a request with these problems, each with its field. */
export const invalidFields = (...problems: string[]) => ({
  status: 400,
  body: {
    error: {
      code: 'invalid_fields',
      message: `Some fields in the request were invalid: ${problems.map((problem) => `'${problem}'`).join(', ')}`,
      type: 'invalid_request_error',
    },
  },
});
