import { useMutation, useQueryClient } from '@tanstack/vue-query';
import { showToast } from '../../ui/toasts';
import { type Customer, type CustomerInput, createCustomer, deleteCustomer, updateCustomer } from './customers.api';
import { messages } from './messages';

/** Creating, saving and deleting: each says so when it is done, and renews what it changed in view. */
export function useCustomerChanges() {
  const client = useQueryClient();
  const renew = (keys: string[]) => Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));

  const save = useMutation({
    mutationFn: ({ id, input }: { id: number | undefined; input: CustomerInput }) =>
      id === undefined ? createCustomer(input) : updateCustomer(id, input),
    onSuccess: ({ name }, { id }) => {
      showToast(id === undefined ? messages.wasCreated(name) : messages.wasSaved(name));
      void renew(['customers', 'analytics']);
    },
  });

  const remove = useMutation({
    mutationFn: ({ id }: Customer) => deleteCustomer(id),
    onSuccess: (_, { id, name }) => {
      showToast(messages.wasDeleted(name));
      client.removeQueries({ queryKey: ['customers', 'one', id] });
      void renew(['customers', 'accounts', 'analytics']);
    },
  });

  return { save: save.mutateAsync, remove: remove.mutateAsync };
}
