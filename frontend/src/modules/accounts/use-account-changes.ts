import { useMutation, useQueryClient } from '@tanstack/vue-query';
import { showToast } from '../../ui/toasts';
import { type Account, createAccount, deleteAccount, updateAccount } from './accounts.api';
import { messages } from './messages';

interface AccountInput {
  id: number | undefined;
  customerId: number;
  name: string;
  status: string;
}

/** Creating, saving and deleting: each says so when it is done, and renews what it changed in view. */
export function useAccountChanges() {
  const client = useQueryClient();
  function renew(): void {
    void client.invalidateQueries({ queryKey: ['accounts'] });
    void client.invalidateQueries({ queryKey: ['analytics'] });
  }

  const save = useMutation({
    mutationFn: ({ id, customerId, name, status }: AccountInput) =>
      id === undefined ? createAccount(customerId, name, status) : updateAccount(id, name, status),
    onSuccess: ({ name }, { id }) => {
      showToast(id === undefined ? messages.wasCreated(name) : messages.wasSaved(name));
      renew();
    },
  });

  const remove = useMutation({
    mutationFn: ({ id }: Account) => deleteAccount(id),
    onSuccess: (_, { name }) => {
      showToast(messages.wasDeleted(name));
      renew();
    },
  });

  return { save: save.mutateAsync, remove: remove.mutateAsync };
}
