package dev.ternion;

import java.io.IOException;

/** Copies of the folders of one kind, such as models, that outlive the machine of the data folder. Calls may come from several threads. */
interface DurableCopies {
    /** There are none: a folder counts as soon as it is there. */
    DurableCopies NONE = new DurableCopies() {
        @Override
        public boolean has(String id) {
            return true;
        }

        @Override
        public void keep(String id) {}

        @Override
        public void remove(String id, Removal local) throws IOException {
            local.run();
        }
    };

    /** Removes a folder of the data folder. */
    interface Removal {
        void run() throws IOException;
    }

    /** Whether users may be told of a folder that is there. */
    boolean has(String id);

    /**
     * Copies a folder; when it returns, the copy is whole and safe, and users may be told of the folder.
     *
     * @throws dev.ternion.objects.ObjectsUnavailable if the copies cannot be reached; the copy may be there all the same
     */
    void keep(String id) throws IOException;

    /**
     * Removes the copy, if there is one, and then the folder.
     *
     * @throws dev.ternion.objects.ObjectsUnavailable if the copies cannot be reached; the folder is as it was
     */
    void remove(String id, Removal local) throws IOException;
}
