/** Whether this process writes the OpenAPI document; openapi.ts switches it on before it loads any controller. */
export const documenting = { isOn: false };
