package dev.ternion.objects;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bytes of an object; when the connection breaks, they go on where they were, a few times. */
final class ResumedInput implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResumedInput.class);
    private static final int TRIES = 4;

    private final ObjectStore store;
    private final String name;
    private InputStream in;
    private long position;

    /** Opens it with the first read. */
    ResumedInput(ObjectStore store, String name) {
        this.store = store;
        this.name = name;
    }

    /**
     * As {@link InputStream#read(byte[])}.
     *
     * @throws NoSuchFileException if the object is not there
     */
    int read(byte[] bytes) throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                if (in == null) {
                    in = store.open(name, position);
                }
                int n = in.read(bytes);
                position += Math.max(0, n);
                return n;
            } catch (NoSuchFileException e) {
                throw e;
            } catch (IOException e) {
                forget();
                if (tries == TRIES) {
                    throw e;
                }
                LOG.info("object {} is read again from byte {} on: {}", name, position, e.getMessage());
            }
        }
    }

    private void forget() {
        InputStream broken = in;
        in = null;
        try {
            if (broken != null) {
                broken.close();
            }
        } catch (IOException e) {
            LOG.debug("a broken connection could not be closed", e);
        }
    }

    @Override
    public void close() {
        forget();
    }
}
