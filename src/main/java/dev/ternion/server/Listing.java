package dev.ternion.server;

import java.util.List;

/**
 * All resources of one kind.
 *
 * @param items those that can be read, by id
 * @param corrupt ids of the others, rising
 */
public record Listing<T>(List<T> items, List<String> corrupt) {
    public Listing {
        items = List.copyOf(items);
        corrupt = List.copyOf(corrupt);
    }
}
