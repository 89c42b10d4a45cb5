import { Header } from '@nestjs/common';

/** For handlers that return JSON as text, already made by the database. */
export const JsonText = () => Header('content-type', 'application/json; charset=utf-8');
