package dev.ternion.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The fields of one message while it is read: knows its path, checks values, and collects what is wrong. */
final class Fields {
    private static final Pattern DEVICE = Pattern.compile("cpu|cuda:[0-9]{1,2}|emulated");

    /** 1 TiB. */
    private static final int MAX_DEVICE_MIB = 1 << 20;

    private final String path;
    private final List<Violation> violations;

    private Fields(String path, List<Violation> violations) {
        this.path = path;
        this.violations = violations;
    }

    static Fields root(String path) {
        return new Fields(path, new ArrayList<>());
    }

    /** The fields of a message in this one; its problems are collected here. */
    Fields in(String field) {
        return new Fields(path + "." + field, violations);
    }

    /** The fields of an element of a repeated field. */
    Fields in(String field, int index) {
        return in(field + "[" + index + "]");
    }

    List<Violation> violations() {
        return List.copyOf(violations);
    }

    void problem(String field, String message) {
        violations.add(new Violation(field.isEmpty() ? path : path + "." + field, message));
    }

    /** A number from min to max, 0 meaning absent. */
    int integer(String field, int value, int absent, int min, int max) {
        if (value == 0) {
            return absent;
        }
        if (value < min || value > max) {
            problem(field, "is " + value + ", wanted " + min + " to " + max);
            return absent;
        }
        return value;
    }

    /** A number in a range, which may be absent. */
    double real(String field, boolean present, double value, double absent, Range range) {
        if (!present) {
            return absent;
        }
        if (!range.contains(value)) {
            problem(field, "is " + value + ", wanted " + range);
            return absent;
        }
        return value;
    }

    /**
     * The constant of {@code type} that a wire constant such as KIND_FIXED names.
     *
     * @param value wire constant
     * @param prefix what it has before the name
     * @param absent for UNSPECIFIED
     */
    <E extends Enum<E>> E constant(String field, Enum<?> value, String prefix, Class<E> type, E absent) {
        String name = value.name();
        if (name.equals(prefix + "UNSPECIFIED")) {
            return absent;
        }
        for (E constant : type.getEnumConstants()) {
            if (name.equals(prefix + constant.name())) {
                return constant;
            }
        }
        problem(field, "is a number that has no name here, wanted one of " + List.of(type.getEnumConstants()));
        return absent;
    }

    /** An id, or a name that ends in one; required. */
    String reference(String field, String value, ResourceNames names) {
        String id = names.idOf(value);
        if (value.isEmpty()) {
            problem(field, "is absent, wanted the id of a " + names.noun());
        } else if (id == null) {
            problem(
                    field,
                    "is \"" + value + "\", wanted an id " + ResourceNames.ID_PATTERN + " or a name " + names.name("…"));
        }
        return id == null ? "" : id;
    }

    /** A new id that may be absent. */
    String newId(String field, String value, String absent) {
        if (value.isEmpty()) {
            return absent;
        }
        if (!ResourceNames.isId(value)) {
            problem(field, "is \"" + value + "\", wanted " + ResourceNames.ID_PATTERN + ", 4 to 63 characters");
        }
        return value;
    }

    /** The device, under one name; "cuda" and "cuda:00" are "cuda:0". Whether it can be opened is for the catalog to say. */
    String device(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        String device = value.isEmpty() ? Defaults.DEVICE : lower.equals("cuda") ? "cuda:0" : lower;
        device = device.replaceFirst("^cuda:0(?=[0-9]$)", "cuda:");
        if (!DEVICE.matcher(device).matches()) {
            problem("device", "is \"" + value + "\", wanted \"cpu\" or \"cuda:N\"");
        }
        return device;
    }

    /** Limit of memory on the device in MiB, 0 for none. */
    int deviceMemory(int mib) {
        return integer("device_memory_mib", mib, 0, 1, MAX_DEVICE_MIB);
    }

    /** Dropout probability. */
    double dropout(boolean present, double value) {
        return real("dropout", present, value, Defaults.DROPOUT, Range.from(0).below(1));
    }
}
