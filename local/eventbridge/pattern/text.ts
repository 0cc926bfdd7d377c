export const equalsIgnoringCase = (value: string, text: string) => value.toLowerCase() === text.toLowerCase();

export const startsWithIgnoringCase = (value: string, text: string) =>
  value.toLowerCase().startsWith(text.toLowerCase());

export const endsWithIgnoringCase = (value: string, text: string) => value.toLowerCase().endsWith(text.toLowerCase());
