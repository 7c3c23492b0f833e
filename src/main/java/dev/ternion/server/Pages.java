package dev.ternion.server;

import java.util.List;
import java.util.function.Function;

/**
 * One page of a list that is sorted by a text key.
 *
 * @param items items of the page
 * @param nextToken empty on the last page
 */
record Pages<T>(List<T> items, String nextToken) {
    boolean isLast() {
        return nextToken.isEmpty();
    }

    /**
     * Cuts a page.
     *
     * @param all all items, by rising key
     * @param scope which list it is
     */
    static <T> Pages<T> of(
            List<T> all, Function<T, String> key, String scope, int pageSize, String token, PageTokens tokens) {
        int size = PageTokens.size(pageSize);
        String last = tokens.read(scope, token);
        List<T> rest = all.stream()
                .filter(item -> last == null || key.apply(item).compareTo(last) > 0)
                .toList();
        List<T> page = rest.subList(0, Math.min(size, rest.size()));
        boolean more = rest.size() > page.size();
        return new Pages<>(page, more ? tokens.write(scope, key.apply(page.get(page.size() - 1))) : "");
    }
}
