declare module 'swagger-ui-dist/absolute-path.js' {
  /** @returns the folder of the package's files */
  export default function swaggerUiFolder(): string;
}
