package dev.ternion.tensor;

import dev.ternion.backend.Block;

/** A named value that is trained. Its gradient is null in every step in which nothing reached it. */
public final class Parameter extends Tensor implements AutoCloseable {
    private final String name;
    private long version;

    public Parameter(String name, Shape shape, Block value) {
        super(shape, value, true);
        this.name = name;
    }

    /** Hugging Face name, for example {@code encoder.layer.0.attention.self.query.weight}. */
    public String name() {
        return name;
    }

    /** Rises with every change, so that derived values (codes) know when they are stale. */
    public long version() {
        return version;
    }

    /** To be called after the value was changed. */
    public void changed() {
        version++;
    }

    @Override
    public void close() {
        clearGrad();
        closeValue();
    }
}
