package dev.ternion.api;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.fuzz.FuzzTarget;
import java.nio.file.Path;
import java.util.List;

/** Job specs as messages, read and checked as a submit does it. */
public final class SpecFuzz implements FuzzTarget {
    private final ResourceCatalog catalog = SpecFixtures.catalog();

    /** The only one. */
    public static List<FuzzTarget> targets() {
        return List.of(new SpecFuzz());
    }

    @Override
    public String name() {
        return "spec";
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                SpecFixtures.fineTune().toByteArray(),
                SpecFixtures.evaluate().toByteArray(),
                SpecFixtures.qat().toByteArray(),
                SpecMapper.encode(SpecMapper.read(SpecFixtures.fineTune(), "some-job")),
                SpecMapper.encode(SpecMapper.read(SpecFixtures.qat(), "some-job")));
    }

    @Override
    public List<String> words() {
        return List.of(
                "mini-teacher",
                "mini-encoder",
                "spam",
                "cpu",
                "cuda:0",
                "\n\0",
                "\22\2\b\1",
                "projects/default/",
                "\u007f");
    }

    @Override
    public void parse(byte[] input, Path scratch) throws Exception {
        JobSpec spec = JobSpec.parseFrom(input);
        byte[] kept = SpecMapper.encode(SpecMapper.read(spec, "some-job", catalog));
        if (!SpecMapper.message(kept).equals(SpecMapper.write(SpecMapper.decode(kept)))) {
            throw new AssertionError("reads differently what it wrote");
        }
    }

    @Override
    public boolean isDocumented(Throwable thrown) {
        return thrown instanceof InvalidRequest || thrown instanceof InvalidProtocolBufferException;
    }
}
