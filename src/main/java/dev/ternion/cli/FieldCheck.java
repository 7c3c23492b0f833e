package dev.ternion.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares a document with a message type and finds all problems at once, with their lines. Enum values may be written
 * without their prefix (MASKED for PADDING_MASKED); they are completed in place.
 */
final class FieldCheck {
    /**
     * A problem.
     *
     * @param line line from 1
     * @param text field, what is wrong, what was wanted
     */
    record Problem(int line, String text) {}

    private final LocatedTree tree;
    private final List<Problem> problems = new ArrayList<>();

    FieldCheck(LocatedTree tree) {
        this.tree = tree;
    }

    /** All problems of the document. */
    List<Problem> run(Descriptor type) {
        message(tree.root(), type, "");
        return problems;
    }

    private void message(JsonNode node, Descriptor type, String path) {
        if (!(node instanceof ObjectNode object)) {
            problem(path, "wanted fields of " + type.getName() + ", found " + kind(node));
            return;
        }
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        Map<String, String> kinds = new HashMap<>();
        for (String name : names) {
            FieldDescriptor field = field(type, name);
            String child = path + "/" + name;
            if (field == null) {
                unknown(type, name, child);
                continue;
            }
            oneKind(field, name, child, kinds);
            if (!object.get(name).isNull()) {
                object.set(name, field(object.get(name), field, child));
            }
        }
    }

    private void oneKind(FieldDescriptor field, String name, String path, Map<String, String> kinds) {
        if (field.getRealContainingOneof() == null) {
            return;
        }
        String first = kinds.putIfAbsent(field.getRealContainingOneof().getName(), name);
        if (first != null) {
            problem(path, "stands beside \"" + first + "\"; only one of the two may be there");
        }
    }

    private JsonNode field(JsonNode node, FieldDescriptor field, String path) {
        if (field.isMapField()) {
            return node;
        }
        if (!field.isRepeated()) {
            return single(node, field, path);
        }
        if (!(node instanceof ArrayNode array)) {
            problem(path, "wanted a list, found " + kind(node));
            return node;
        }
        for (int i = 0; i < array.size(); i++) {
            array.set(i, single(array.get(i), field, path + "/" + i));
        }
        return array;
    }

    private JsonNode single(JsonNode node, FieldDescriptor field, String path) {
        if (field.getJavaType() == JavaType.MESSAGE) {
            if (!field.getMessageType().getFullName().startsWith("google.")) {
                message(node, field.getMessageType(), path);
            }
            return node;
        }
        if (node.isContainerNode()) {
            problem(path, "wanted one value, found " + kind(node));
            return node;
        }
        return switch (field.getJavaType()) {
            case ENUM -> enumValue(node, field.getEnumType(), path);
            case INT, LONG -> number(node, path, true);
            case FLOAT, DOUBLE -> number(node, path, false);
            case BOOLEAN -> {
                if (!node.isBoolean()) {
                    problem(path, "wanted true or false, found " + kind(node));
                }
                yield node;
            }
            default -> node;
        };
    }

    private JsonNode number(JsonNode node, String path, boolean whole) {
        try {
            double value = Double.parseDouble(node.asText());
            if (!whole || value == Math.rint(value)) {
                return node;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        problem(path, "wanted a " + (whole ? "whole " : "") + "number, found " + kind(node));
        return node;
    }

    private JsonNode enumValue(JsonNode node, EnumDescriptor type, String path) {
        if (node.isInt()) {
            return node;
        }
        String text = node.asText();
        String first = type.getValues().get(0).getName();
        String prefix = first.endsWith("UNSPECIFIED") ? first.substring(0, first.length() - 11) : "";
        List<String> wanted = new ArrayList<>();
        for (EnumValueDescriptor value : type.getValues()) {
            if (value.getName().equals(text) || value.getName().equals(prefix + text)) {
                return TextNode.valueOf(value.getName());
            }
            if (value.getNumber() != 0) {
                wanted.add(value.getName());
            }
        }
        problem(path, "\"" + text + "\" is not known; wanted one of " + String.join(", ", wanted));
        return node;
    }

    private void unknown(Descriptor type, String name, String path) {
        List<String> known =
                type.getFields().stream().map(FieldDescriptor::getJsonName).toList();
        String closest = Spelling.closest(name, known);
        problem(
                path,
                "no such field in " + type.getName()
                        + (closest.isEmpty() ? "" : "; did you mean \"" + closest + "\"?")
                        + " Known: " + String.join(", ", known));
    }

    private static FieldDescriptor field(Descriptor type, String name) {
        for (FieldDescriptor field : type.getFields()) {
            if (field.getJsonName().equals(name) || field.getName().equals(name)) {
                return field;
            }
        }
        return null;
    }

    private void problem(String path, String text) {
        String field = path.isEmpty()
                ? "the document"
                : path.substring(1).replaceAll("/(\\d+)", "[$1]").replace('/', '.');
        problems.add(new Problem(tree.line(path), field + ": " + text));
    }

    private static String kind(JsonNode node) {
        if (node.isMissingNode()) {
            return "nothing";
        }
        return node.isObject() ? "fields" : node.isArray() ? "a list" : "\"" + node.asText() + "\"";
    }
}
