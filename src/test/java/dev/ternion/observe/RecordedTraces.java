package dev.ternion.observe;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Spans that stay where they are made. */
public final class RecordedTraces implements Traces {
    /** In the order of their beginning. */
    public final List<Recorded> spans = new CopyOnWriteArrayList<>();

    @Override
    public Span begin(Kind kind, String name, String parent) {
        return add(kind, name, parent);
    }

    private Recorded add(Kind kind, String name, String parent) {
        Recorded span = new Recorded(kind, parent, "span-" + spans.size());
        span.name = name;
        spans.add(span);
        return span;
    }

    @Override
    public void close() {}

    /** What was said of a span. */
    public final class Recorded implements Span {
        public final Kind kind;
        public final String parent;
        public final String id;
        public final Map<String, Object> attributes = new TreeMap<>();
        public final List<String> events = new CopyOnWriteArrayList<>();
        public String name;
        public String failure;
        public int ends;
        public Duration ago = Duration.ZERO;

        private Recorded(Kind kind, String parent, String id) {
            this.kind = kind;
            this.parent = parent;
            this.id = id;
        }

        @Override
        public String traceparent() {
            return id;
        }

        @Override
        public Span child(String name) {
            return add(Kind.INTERNAL, name, id);
        }

        @Override
        public Span child(String name, Duration ago) {
            Recorded child = add(Kind.INTERNAL, name, id);
            child.ago = ago;
            return child;
        }

        @Override
        public void name(String newName) {
            name = newName;
        }

        @Override
        public void set(String key, String value) {
            attributes.put(key, value);
        }

        @Override
        public void set(String key, long value) {
            attributes.put(key, value);
        }

        @Override
        public void event(String event, long step) {
            events.add(event + " " + step);
        }

        @Override
        public void failed(String reason) {
            failure = reason;
        }

        @Override
        public void end() {
            ends++;
        }
    }
}
