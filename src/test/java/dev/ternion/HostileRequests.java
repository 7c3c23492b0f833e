package dev.ternion;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Messages of a type, each with one hostile value in one of its fields, at any depth. */
final class HostileRequests {
    /** Looks like a token. */
    static final String TOKEN = "ghp_" + "Zq3x".repeat(9);

    /** What strings are set to. */
    static final List<String> VALUES = List.of(
            "../../../../etc/passwd",
            "/etc/passwd",
            "projects/default/jobs/../../secret",
            "projects/default/models/some-model/files/../../../secret",
            "%2e%2e%2f%2e%2e%2fsecret",
            "'; DROP TABLE job; --",
            "state='x' UNION ALL",
            "\u0000\u0001\r\n",
            "${jndi:ldap://h/a}",
            "<script>alert(1)</script>",
            "#not-a-number",
            "\ud83d\ude00\u202e",
            "y".repeat(3000),
            TOKEN);

    /** What the other strings are, so that a request gets as far as it can. */
    private static final Map<String, String> USUAL = Map.ofEntries(
            Map.entry("name", "projects/default/models/encoder/files/config.json"),
            Map.entry("resource_name", "projects/default/models/encoder/files/config.json"),
            Map.entry("upload_id", "new-upload"),
            Map.entry("model_id", "new-model"),
            Map.entry("dataset_id", "new-set"),
            Map.entry("job_id", "new-job"),
            Map.entry("server_path", "set"),
            Map.entry("train_file", "train.tsv"),
            Map.entry("file", "train.tsv"),
            Map.entry("text_a", "sentence"),
            Map.entry("label", "verdict"),
            Map.entry("model", "encoder"),
            Map.entry("dataset", "tiny-task"));

    private static final int DEEPEST = 6;

    private HostileRequests() {}

    /** All of them. */
    static List<Message> of(Descriptor type) {
        List<Message> all = new ArrayList<>();
        all.add(DynamicMessage.getDefaultInstance(type));
        all.addAll(variants(type, 0));
        return all;
    }

    private static List<Message> variants(Descriptor type, int depth) {
        List<Message> all = new ArrayList<>();
        if (depth == DEEPEST || type.getFullName().startsWith("google.protobuf.")) {
            return all;
        }
        for (FieldDescriptor field : type.getFields()) {
            for (Object value : values(field, depth)) {
                DynamicMessage.Builder message = usual(type);
                if (field.isRepeated()) {
                    message.clearField(field).addRepeatedField(field, value);
                } else {
                    message.setField(field, value);
                }
                all.add(message.build());
            }
        }
        return all;
    }

    private static List<?> values(FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case STRING -> VALUES;
            case INT -> List.of(-1, Integer.MAX_VALUE, Integer.MIN_VALUE);
            case LONG -> List.of(-1L, Long.MAX_VALUE, Long.MIN_VALUE);
            case DOUBLE -> List.of(Double.NaN, Double.POSITIVE_INFINITY, -1.0);
            case ENUM -> List.of(field.getEnumType().findValueByNumberCreatingIfUnknown(77));
            case MESSAGE -> field.isMapField() ? List.of() : variants(field.getMessageType(), depth + 1);
            default -> List.of();
        };
    }

    private static DynamicMessage.Builder usual(Descriptor type) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            String value = USUAL.get(field.getName());
            if (value != null && field.getJavaType() == JavaType.STRING && !field.isRepeated()) {
                message.setField(field, value);
            }
        }
        return message;
    }
}
