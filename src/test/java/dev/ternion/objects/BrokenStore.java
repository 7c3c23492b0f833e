package dev.ternion.objects;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** A store of which the n-th call fails, once, or is the last of the process. Tells what was asked of it. */
public final class BrokenStore implements ObjectStore {
    /** The process is gone. */
    public static final class Death extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** How the call fails. */
    public enum Way {
        /** It is not made. */
        REFUSED(false, false),
        /** It is made, and its answer is lost. */
        UNANSWERED(true, false),
        /** The process dies before it. */
        DEAD_BEFORE(false, true),
        /** The process dies after it. */
        DEAD_AFTER(true, true);

        private final boolean done;
        private final boolean deadly;

        Way(boolean done, boolean deadly) {
            this.done = done;
            this.deadly = deadly;
        }
    }

    public final List<String> asked = new ArrayList<>();

    /** What happens just before a call. */
    public Call<?> meanwhile = () -> null;

    private final ObjectStore store;
    private final int failing;
    private final Way way;

    /** @param failing number of the call, from 1; 0 for none */
    public BrokenStore(ObjectStore store, int failing, Way way) {
        this.store = store;
        this.failing = failing;
        this.way = way;
    }

    /** Whether its turn has come. */
    public boolean failed() {
        return failing > 0 && asked.size() >= failing;
    }

    /** A call of a store. */
    public interface Call<T> {
        T run() throws IOException;
    }

    private synchronized <T> T ask(String what, Call<T> call) throws IOException {
        meanwhile.run();
        asked.add(what);
        boolean dead = failed() && way.deadly;
        if (asked.size() != failing && !dead) {
            return call.run();
        }
        if (asked.size() == failing && way.done) {
            call.run();
        }
        if (dead) {
            throw new Death();
        }
        throw new ObjectsUnavailable(what + " fails", null);
    }

    @Override
    public void put(String name, Path file, String sha256) throws IOException {
        ask("put " + name, () -> {
            store.put(name, file, sha256);
            return null;
        });
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        return ask("size " + name, () -> store.size(name));
    }

    @Override
    public InputStream open(String name, long offset) throws IOException {
        return ask("open " + name, () -> store.open(name, offset));
    }

    @Override
    public void delete(String name) throws IOException {
        ask("delete " + name, () -> {
            store.delete(name);
            return null;
        });
    }

    @Override
    public List<String> list(String prefix) throws IOException {
        return ask("list " + prefix, () -> store.list(prefix));
    }
}
