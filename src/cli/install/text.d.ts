/** Files of systemd, imported as the text that is in them. */
declare module '*.service' {
  const text: string;
  export default text;
}
declare module '*.socket' {
  const text: string;
  export default text;
}
declare module '*.conf' {
  const text: string;
  export default text;
}
