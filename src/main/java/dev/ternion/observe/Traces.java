package dev.ternion.observe;

import java.time.Duration;

/** Spans of what is done, for who follows a request through systems. Port: a server without a collector has none. Never waits. */
public interface Traces extends AutoCloseable {
    /** What a span is of. */
    enum Kind {
        /** A call that is answered. */
        SERVER,
        /** Anything else. */
        INTERNAL
    }

    /**
     * Begins a span.
     *
     * @param parent W3C traceparent of the span to which it belongs; null, empty or malformed: it begins a trace
     */
    Span begin(Kind kind, String name, String parent);

    /** Sends what is left, for two seconds at the most; what cannot be sent by then is lost. */
    @Override
    void close();

    /** One span; of several threads, too. */
    interface Span {
        /** W3C traceparent of this span, under which others begin theirs, also in other processes. */
        String traceparent();

        /** Begins a span inside. */
        Span child(String name);

        /** A span inside that began earlier, of what is told when it is done. */
        Span child(String name, Duration ago);

        /** Gives it another name. */
        void name(String name);

        /** Sets an attribute. */
        void set(String key, String value);

        /** Sets an attribute. */
        void set(String key, long value);

        /** Notes that something was done now, after a step. */
        void event(String name, long step);

        /** What it is of went wrong. */
        void failed(String reason);

        /** Ends it; later calls change nothing. */
        void end();
    }
}
