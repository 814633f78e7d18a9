package io.millrace.ingest.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What may be written at some place of a query, instead of the part of a word that stands there.
 *
 * @param from first character to replace
 * @param to the character behind the last one to replace
 * @param written what stands there up to the cursor, without quotes
 * @param items what may be written, as far as the language knows it
 * @param valueOf field of whose values one may be written that only the data know, or null
 */
public record Completions(
        int from,
        int to,
        String written,
        List<Completion> items,
        @Nullable Field valueOf) {

    /**
     * Finds what may be written.
     *
     * @param cursor place in the text, between 0 and its length
     * @return nothing to write if the query is wrong before that place
     */
    public static Completions at(Subject subject, String text, int cursor) {
        Token part = part(text.substring(0, cursor));
        int to = part.type() == Token.Type.WORD ? endOfWord(text, cursor) : cursor;
        Parser parser;
        try {
            parser = new Parser(subject, text.substring(0, part.from()));
        } catch (SearchFault wrongBefore) {
            return new Completions(part.from(), to, part.text(), List.of(), null);
        }
        try {
            parser.query();
        } catch (SearchFault fault) {
            if (fault.length() > 0) {
                return new Completions(part.from(), to, part.text(), List.of(), null);
            }
        }
        Field valueOf = parser.nextValueOf();
        List<Completion> items = new ArrayList<>();
        String begun = part.text().toLowerCase(Locale.ROOT);
        Stream.concat(parser.next().stream(), values(valueOf))
                .filter(item -> item.text().toLowerCase(Locale.ROOT).startsWith(begun))
                .forEach(items::add);
        boolean dataKnow = valueOf != null
                && (valueOf.name().equals("kind") || valueOf.name().equals("queue"));
        return new Completions(part.from(), to, part.text(), List.copyOf(items), dataKnow ? valueOf : null);
    }

    /** @return the text as a value of a query */
    public static Completion value(String text) {
        return Completion.value(Lexer.isWord(text) ? text : Lexer.quoted(text), "");
    }

    private static Stream<Completion> values(@Nullable Field field) {
        if (field == null) {
            return Stream.empty();
        }
        return switch (field.type()) {
            case STATUS -> Values.statuses().stream().map(status -> Completion.value(status.name(), ""));
            case TIME ->
                Stream.of(
                        Completion.value("-15m", "15 minutes ago"),
                        Completion.value("-1h", "an hour ago"),
                        Completion.value("-24h", "a day ago"),
                        Completion.value("-7d", "a week ago"));
            case DURATION ->
                Stream.of(
                        Completion.value("1s", "a second"),
                        Completion.value("1m", "a minute"),
                        Completion.value("1h", "an hour"));
            case NAME, TEXT, ID, NUMBER, METADATA -> Stream.empty();
        };
    }

    /** @return the word or text that goes on up to the end, or nothing that stands there */
    private static Token part(String head) {
        try {
            List<Token> tokens = Lexer.tokens(head);
            Token end = tokens.getLast();
            if (tokens.size() > 1) {
                Token last = tokens.get(tokens.size() - 2);
                if (last.type() == Token.Type.WORD && last.to() == end.from()) {
                    return last;
                }
            }
            return end;
        } catch (SearchFault unfinished) {
            // A text without its closing quote; a ! without its other half.
            int from = unfinished.position();
            boolean quoted = head.charAt(from) == '"' || head.charAt(from) == '\'';
            return new Token(Token.Type.QUOTED, head.substring(quoted ? from + 1 : from), from, head.length());
        }
    }

    private static int endOfWord(String text, int cursor) {
        int end = cursor;
        while (end < text.length() && Lexer.isWord(text.substring(end, end + 1))) {
            end++;
        }
        return end;
    }
}
