package io.millrace.ingest.search;

import io.millrace.proto.Excerpt;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a query from left to right, each part once. Where the query ends it notes what could have followed, which is what may be
 * written next. For one query and one thread.
 */
final class Parser {

    private static final int SHOWN_CHARS = 40;

    private final Subject subject;
    private final List<Token> tokens;
    private final List<Completion> next = new ArrayList<>();
    private @Nullable Field nextValueOf;
    private int at;
    private int conditions;
    private int depth;

    /** @throws SearchFault if the text is too long, or has a part that is none of the language */
    Parser(Subject subject, String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > Search.MAX_BYTES) {
            int fitting = fitting(text);
            throw new SearchFault(
                    "expected a query of at most " + Search.MAX_BYTES + " bytes, but it has " + bytes,
                    fitting,
                    text.length() - fitting);
        }
        this.subject = subject;
        tokens = Lexer.tokens(text);
    }

    /** @return how many UTF-16 units of a text that is too long a query may have */
    private static int fitting(String text) {
        int bytes = 0;
        int at = 0;
        while (at < text.length()) {
            int character = text.codePointAt(at);
            bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
            if (bytes > Search.MAX_BYTES) {
                break;
            }
            at += Character.charCount(character);
        }
        return at;
    }

    /** @return what may be written behind the end, as far as the query is right up to there */
    List<Completion> next() {
        return List.copyOf(next);
    }

    /** @return the field of which a value may be written behind the end, or null */
    @Nullable
    Field nextValueOf() {
        return nextValueOf;
    }

    Search query() {
        Condition condition = null;
        if (!orderBegins() && token().type() != Token.Type.END) {
            condition = or();
        } else if (token().type() == Token.Type.END) {
            offerCondition();
        }
        SortOrder order = SortOrder.usual(subject);
        offer(Completion.keyword("ORDER BY", "sort the list"));
        if (orderBegins()) {
            at += 2;
            order = order();
        }
        if (token().type() != Token.Type.END) {
            throw fault(condition == null ? "the end of the query" : "AND, OR, ORDER BY or the end of the query");
        }
        return new Search(condition, order);
    }

    /** A field may have the name of a keyword's part: only both words together begin the order. */
    private boolean orderBegins() {
        return token().is("ORDER") && tokens.get(at + 1).is("BY");
    }

    private SortOrder order() {
        for (Field field : subject.fields()) {
            if (field.sortable()) {
                offer(new Completion(field.name(), field.about(), Completion.Type.FIELD));
            }
        }
        String expected = "one of " + sortable() + " to sort by";
        Token name = word(expected);
        Field field = subject.field(name.text()).filter(Field::sortable).orElseThrow(() -> {
            at--;
            return fault(expected);
        });
        offer(
                Completion.keyword("DESC", "largest or latest first"),
                Completion.keyword("ASC", "smallest or earliest first"));
        if (token().is("ASC") || token().is("DESC")) {
            return new SortOrder(field, tokens.get(at++).is("DESC"));
        }
        if (token().type() == Token.Type.COMMA) {
            throw fault("one field to sort by, and then the end of the query");
        }
        return new SortOrder(field, false);
    }

    private String sortable() {
        return subject.fields().stream()
                .filter(Field::sortable)
                .map(Field::name)
                .collect(Collectors.joining(", "));
    }

    private Condition or() {
        List<Condition> parts = new ArrayList<>(List.of(and()));
        offer(Completion.keyword("OR", "or that"));
        while (token().is("OR")) {
            at++;
            parts.add(and());
        }
        return parts.size() == 1 ? parts.getFirst() : new Condition.Or(List.copyOf(parts));
    }

    private Condition and() {
        List<Condition> parts = new ArrayList<>(List.of(not()));
        offer(Completion.keyword("AND", "and that as well"));
        while (token().is("AND")) {
            at++;
            parts.add(not());
        }
        return parts.size() == 1 ? parts.getFirst() : new Condition.And(List.copyOf(parts));
    }

    private Condition not() {
        offerCondition();
        boolean denied = token().is("NOT");
        if (!denied && token().type() != Token.Type.LEFT) {
            return comparison();
        }
        if (++depth > Search.MAX_DEPTH) {
            throw new SearchFault(
                    "expected at most " + Search.MAX_DEPTH + " parentheses and NOTs in each other, but got more",
                    token().from(),
                    token().to() - token().from());
        }
        at++;
        Condition inner = denied ? not() : or();
        if (!denied) {
            offer(Completion.keyword(")", "end of the group"));
            expect(Token.Type.RIGHT, "AND, OR or )");
        }
        depth--;
        return denied ? new Condition.Not(inner) : inner;
    }

    private void offerCondition() {
        for (Field field : subject.fields()) {
            offer(new Completion(field.name(), field.about(), Completion.Type.FIELD));
        }
        offer(
                new Completion(
                        Subject.METADATA, "an entry of the metadata, such as metadata.customer", Completion.Type.FIELD),
                Completion.keyword("NOT", "the opposite"),
                Completion.keyword("(", "a group"));
    }

    private Condition comparison() {
        Field field = field();
        offerComparisons(field);
        Token token = token();
        if (token.is("IN")) {
            at++;
            return in(field, token);
        }
        if (token.is("NOT")) {
            at++;
            offer(Completion.keyword("IN", "none of these"));
            Token in = token();
            if (!in.is("IN")) {
                throw fault("IN behind NOT");
            }
            at++;
            return new Condition.Not(in(field, in));
        }
        if (token.is("IS")) {
            at++;
            return lacks(field, token);
        }
        if (token.type() != Token.Type.SIGN) {
            throw fault(comparisons(field) + " behind " + field.written());
        }
        at++;
        return compare(field, token);
    }

    private Condition compare(Field field, Token sign) {
        boolean denied = sign.text().startsWith("!");
        Comparison comparison = switch (sign.text()) {
            case "=", "!=" -> Comparison.EQUAL;
            case ">" -> Comparison.MORE;
            case ">=" -> Comparison.AT_LEAST;
            case "<" -> Comparison.LESS;
            case "<=" -> Comparison.AT_MOST;
            default -> Comparison.CONTAINS;
        };
        boolean known = switch (comparison) {
            case EQUAL -> field.type().equal();
            case CONTAINS -> field.type().contained();
            case MORE, AT_LEAST, LESS, AT_MOST -> field.type().ordered();
        };
        if (!known) {
            at--;
            throw fault(comparisons(field) + " behind " + field.written());
        }
        count(sign);
        Condition compared = new Condition.Compare(field, comparison, value(field));
        return denied ? new Condition.Not(compared) : compared;
    }

    private Condition in(Field field, Token in) {
        if (!field.type().equal()) {
            throw new SearchFault(
                    "expected " + comparisons(field) + " behind " + field.written() + ", but got IN",
                    in.from(),
                    in.to() - in.from());
        }
        offer(Completion.keyword("(", "begin of the list"));
        expect(Token.Type.LEFT, "( behind IN");
        List<Value> values = new ArrayList<>();
        do {
            count(token());
            values.add(value(field));
            offer(Completion.keyword(",", "one more"), Completion.keyword(")", "end of the list"));
        } while (token().type() == Token.Type.COMMA && at++ >= 0);
        expect(Token.Type.RIGHT, ", or )");
        return new Condition.In(field, List.copyOf(values));
    }

    private Condition lacks(Field field, Token is) {
        offer(Completion.keyword("NULL", "has no value"), Completion.keyword("NOT NULL", "has a value"));
        boolean denied = token().is("NOT");
        if (denied) {
            at++;
            offer(Completion.keyword("NULL", "has a value"));
        }
        if (!token().is("NULL")) {
            throw fault(denied ? "NULL behind IS NOT" : "NULL or NOT NULL behind IS");
        }
        if (!field.mayLack()) {
            throw new SearchFault(
                    "expected a field that may be without a value in front of IS NULL, but " + field.name()
                            + " never is",
                    is.from(),
                    token().to() - is.from());
        }
        count(is);
        at++;
        Condition lacks = new Condition.Lacks(field);
        return denied ? new Condition.Not(lacks) : lacks;
    }

    private Field field() {
        Token name = word("a field of " + subject.title() + ", NOT or (");
        Optional<Field> field = subject.field(name.text());
        if (field.isEmpty()) {
            at--;
            throw fault("a field of " + subject.title() + " (" + fields() + ")" + meant(name.text()));
        }
        return field.get();
    }

    private String fields() {
        return subject.fields().stream().map(Field::name).collect(Collectors.joining(", ")) + ", metadata.NAME";
    }

    /** What others call our fields. */
    private String meant(String name) {
        Optional<String> ours = Likely.field(subject, name);
        return ours.map(field -> ", such as " + field).orElse("");
    }

    private Value value(Field field) {
        String expected = Values.expected(field) + " as " + field.written();
        Token token = token();
        if (token.type() == Token.Type.END) {
            nextValueOf = field;
        }
        boolean written = token.type() == Token.Type.WORD || token.type() == Token.Type.QUOTED;
        Value value = written ? Values.read(field, token).orElse(null) : null;
        if (value == null) {
            throw fault(expected);
        }
        at++;
        return value;
    }

    private void count(Token token) {
        if (++conditions > Search.MAX_CONDITIONS) {
            throw new SearchFault(
                    "expected at most " + Search.MAX_CONDITIONS + " conditions, but got more",
                    token.from(),
                    token.to() - token.from());
        }
    }

    /** @return the comparisons that the field knows, for a text */
    private static String comparisons(Field field) {
        List<String> known = new ArrayList<>();
        if (field.type().equal()) {
            known.addAll(List.of("=", "!="));
        }
        if (field.type().ordered()) {
            known.addAll(List.of(">", ">=", "<", "<="));
        }
        if (field.type().contained()) {
            known.addAll(List.of("~", "!~"));
        }
        if (field.type().equal()) {
            known.addAll(List.of("IN", "NOT IN"));
        }
        if (field.mayLack()) {
            known.add("IS NULL");
        }
        return "one of " + String.join(", ", known);
    }

    private void offerComparisons(Field field) {
        if (field.type().equal()) {
            offer(Completion.keyword("=", "is"), Completion.keyword("!=", "is not"));
        }
        if (field.type().ordered()) {
            boolean time = field.type() == FieldType.TIME;
            offer(
                    Completion.keyword(">", time ? "later than" : "more than"),
                    Completion.keyword(">=", time ? "not earlier than" : "at least"),
                    Completion.keyword("<", time ? "earlier than" : "less than"),
                    Completion.keyword("<=", time ? "not later than" : "at most"));
        }
        if (field.type().contained()) {
            offer(
                    Completion.keyword("~", "contains; * stands for any text"),
                    Completion.keyword("!~", "does not contain"));
        }
        if (field.type().equal()) {
            offer(Completion.keyword("IN", "one of these"), Completion.keyword("NOT IN", "none of these"));
        }
        if (field.mayLack()) {
            offer(Completion.keyword("IS NULL", "has no value"), Completion.keyword("IS NOT NULL", "has a value"));
        }
    }

    /** Notes what may stand here, if here is the end. */
    private void offer(Completion... completions) {
        if (token().type() == Token.Type.END) {
            for (Completion completion : completions) {
                if (!next.contains(completion)) {
                    next.add(completion);
                }
            }
        }
    }

    private Token token() {
        return tokens.get(at);
    }

    private Token word(String expected) {
        if (token().type() != Token.Type.WORD) {
            throw fault(expected);
        }
        return tokens.get(at++);
    }

    private void expect(Token.Type type, String expected) {
        if (token().type() != type) {
            throw fault(expected);
        }
        at++;
    }

    private SearchFault fault(String expected) {
        Token token = token();
        String found = token.type() == Token.Type.END ? "the query ends" : "got " + shown(token.text());
        return new SearchFault("expected " + expected + ", but " + found, token.from(), token.to() - token.from());
    }

    private static String shown(String text) {
        return "'" + Excerpt.of(text, SHOWN_CHARS) + "'";
    }
}
