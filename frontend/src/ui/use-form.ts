import { nextTick, reactive, ref, shallowRef, useTemplateRef } from 'vue';
import { ApiError } from '../api/api-error';

export type FieldMessages = Record<string, string | undefined>;

interface FormOptions<Values> {
  initial: Values;
  /** What can be told without asking the API: the message of each field that is wrong. */
  check: (values: Values) => FieldMessages;
  send: (values: Values) => Promise<void>;
  /** Fields that the API names by a code of its own, such as `email_taken`. */
  fieldOfCode?: Record<string, string>;
}

/** What a refusal says about single fields of this form. */
export function fieldMessagesOf(error: unknown, fieldOfCode: Record<string, string> = {}): FieldMessages {
  if (!(error instanceof ApiError)) return {};
  const field = fieldOfCode[error.code];
  return field ? { [field]: error.message, ...error.fields } : error.fields;
}

/**
 * One form: its values, what is wrong with each, and sending it once at a time. After a refusal the first field that
 * is wrong has the focus. Bind `ref="form"` on the form element.
 */
export function useForm<Values extends Record<string, string | number | null>>(options: FormOptions<Values>) {
  const values = reactive({ ...options.initial }) as Values;
  const errors = ref<FieldMessages>({});
  const problem = shallowRef<unknown>(null);
  const isSending = ref(false);
  const form = useTemplateRef<HTMLFormElement>('form');

  async function refuse(messages: FieldMessages): Promise<void> {
    errors.value = messages;
    await nextTick();
    form.value?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }

  async function submit(): Promise<void> {
    if (isSending.value) return;
    problem.value = null;
    const wrong = options.check(values);
    if (Object.values(wrong).some(Boolean)) return refuse(wrong);
    errors.value = {};
    isSending.value = true;
    try {
      await options.send(values);
    } catch (error) {
      const messages = fieldMessagesOf(error, options.fieldOfCode);
      const isAllBesideFields =
        Object.keys(messages).length > 0 && Object.keys(messages).every((name) => name in values);
      if (!isAllBesideFields) problem.value = error;
      await refuse(messages);
    } finally {
      isSending.value = false;
    }
  }

  return { values, errors, problem, isSending, submit };
}
