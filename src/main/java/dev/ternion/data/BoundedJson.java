package dev.ternion.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON of files that anybody may have written: a bound on depth, and on the size of the tree that is built. */
final class BoundedJson {
    /** Objects and arrays inside each other. */
    private static final int DEEPEST = 64;

    private BoundedJson() {}

    /** @param mostTokens names, values, and ends of objects and arrays; a tree takes some 100 bytes for each */
    static JsonMapper mapper(int mostTokens) {
        return JsonMapper.builder(new JsonFactoryBuilder()
                        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                        .disable(JsonFactory.Feature.CHARSET_DETECTION)
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(DEEPEST)
                                .maxTokenCount(mostTokens)
                                .build())
                        .build())
                .build();
    }
}
