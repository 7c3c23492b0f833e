package dev.ternion.training;

import dev.ternion.backend.Device;
import dev.ternion.backend.NativeErrors;
import dev.ternion.backend.Recording;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs steps. The first step of a key runs directly, the second is recorded where the device can, and later ones are replayed:
 * one start for all operations. On a device that does not record, or has no memory for it, every step runs directly. See
 * ADR 7.
 */
public final class RecordedSteps implements AutoCloseable {
    /** Keys that are remembered; the one that was not used for longest is forgotten. */
    private static final int KEYS = 16;

    /** What a step does on the host between operations: before the operations that follow, whenever the step runs. */
    public interface HostWork {
        /** Runs {@code work} now, or before each replay. It reads nothing that operations of the same step write. */
        void run(Runnable work);
    }

    /**
     * A step: device operations, and writes from the host through {@link HostWork}.
     *
     * @param <T> what the step knows of itself when it has been called; the same for all steps of a key
     * @param <E> what ends a job early
     */
    public interface Body<T, E extends Exception> {
        /** Calls the operations, in order. */
        T run(HostWork host) throws E;
    }

    private record Entry(Recording recording, List<Runnable> hostWork, Object result) {
        void close() {
            if (recording != null) {
                recording.close();
            }
        }
    }

    /** Ran once; to be recorded. */
    private static final Entry SEEN = new Entry(null, List.of(), null);
    /** Cannot be recorded; not tried again before {@link #clear}. */
    private static final Entry DIRECT = new Entry(null, List.of(), null);

    private final Device device;
    private final Map<Object, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private boolean recorded;

    public RecordedSteps(Device device) {
        this.device = device;
    }

    /**
     * Runs a step.
     *
     * @param key equal for steps with equal operations, on equal memory; what differs between them is written by the host
     */
    @SuppressWarnings("unchecked")
    public <T, E extends Exception> T run(Object key, Body<T, E> body) throws E {
        Entry known = entries.get(key);
        if (known == null) {
            keep(key, SEEN);
        } else if (known == SEEN) {
            known = record(body);
            keep(key, known);
        }
        recorded = known != null && known.recording() != null;
        if (!recorded) {
            return body.run(Runnable::run);
        }
        known.hostWork().forEach(Runnable::run);
        known.recording().replay();
        return (T) known.result();
    }

    /** Whether the last step was started as a whole: then nothing has waited for it. */
    public boolean recorded() {
        return recorded;
    }

    private <E extends Exception> Entry record(Body<?, E> body) throws E {
        List<Runnable> hostWork = new ArrayList<>();
        Object[] result = new Object[1];
        try {
            Recording recording = device.record(() -> result[0] = body.run(hostWork::add));
            return recording == null ? DIRECT : new Entry(recording, hostWork, result[0]);
        } catch (RuntimeException e) {
            if (!(e instanceof Device.OutOfDeviceMemory) && !NativeErrors.isOutOfMemory(e)) {
                throw e;
            }
            clear();
            return DIRECT;
        }
    }

    private void keep(Object key, Entry entry) {
        entries.put(key, entry);
        if (entries.size() > KEYS) {
            var eldest = entries.entrySet().iterator();
            eldest.next().getValue().close();
            eldest.remove();
        }
    }

    /** Forgets all recordings and gives their memory back. */
    public void clear() {
        entries.values().forEach(Entry::close);
        entries.clear();
    }

    @Override
    public void close() {
        clear();
    }
}
