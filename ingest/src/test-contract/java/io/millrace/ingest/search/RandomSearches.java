package io.millrace.ingest.search;

import io.millrace.proto.v1.ExecutionStatus;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/** Queries of all forms, from a seed. */
public final class RandomSearches {

    private static final List<String> TEXTS = List.of(
            "a",
            "order",
            "BY",
            "and",
            "NULL",
            "two words",
            "it's",
            "say \"hi\"",
            "back\\slash",
            "100%",
            "_",
            "*",
            "",
            "é𝄞",
            "(",
            "-2h");

    /** Names of entries of metadata that queries ask for. */
    public static final List<String> METADATA = List.of("team", "my key", "é.x");

    /** Ids that queries ask for, so that some are there. */
    public static final List<UUID> IDS =
            Stream.of(1, 2, 3).map(n -> new UUID(0x8000_0000_0000_0000L + n, n)).toList();

    /** Texts that queries ask for. */
    public static List<String> texts() {
        return TEXTS;
    }

    private final Random random;
    private final Subject subject;

    /** @param seed of which the same queries come each time */
    public RandomSearches(long seed, Subject subject) {
        random = new Random(seed);
        this.subject = subject;
    }

    /** @return the next one */
    public Search next() {
        Condition condition = random.nextInt(10) == 0 ? null : condition(3);
        List<Field> sortable = subject.fields().stream().filter(Field::sortable).toList();
        return new Search(condition, new SortOrder(pick(sortable), random.nextBoolean()));
    }

    private Condition condition(int depth) {
        return switch (depth == 0 ? 0 : random.nextInt(5)) {
            case 1 -> new Condition.And(parts(depth));
            case 2 -> new Condition.Or(parts(depth));
            case 3 -> new Condition.Not(condition(depth - 1));
            default -> comparison();
        };
    }

    private List<Condition> parts(int depth) {
        return Stream.generate(() -> condition(depth - 1))
                .limit(2 + random.nextInt(2))
                .toList();
    }

    private Condition comparison() {
        while (true) {
            Field field = random.nextInt(6) == 0 ? Field.metadata(pick(METADATA)) : pick(subject.fields());
            FieldType type = field.type();
            switch (random.nextInt(4)) {
                case 0 -> {
                    if (type.equal()) {
                        return new Condition.In(
                                field,
                                Stream.generate(() -> value(type))
                                        .limit(1 + random.nextInt(3))
                                        .toList());
                    }
                }
                case 1 -> {
                    if (field.mayLack()) {
                        return new Condition.Lacks(field);
                    }
                }
                default -> {
                    Comparison comparison = pick(List.of(Comparison.values()));
                    boolean known = switch (comparison) {
                        case EQUAL -> type.equal();
                        case CONTAINS -> type.contained();
                        case MORE, AT_LEAST, LESS, AT_MOST -> type.ordered();
                    };
                    if (known) {
                        return new Condition.Compare(field, comparison, value(type));
                    }
                }
            }
        }
    }

    private Value value(FieldType type) {
        return switch (type) {
            case STATUS -> new Value.Status(ExecutionStatus.forNumber(1 + random.nextInt(6)));
            case NAME, TEXT, METADATA -> new Value.Text(pick(TEXTS));
            case ID -> new Value.Id(pick(IDS));
            case NUMBER -> new Value.Whole(random.nextInt(5));
            case DURATION -> new Value.Span(random.nextInt(10_000));
            case TIME ->
                random.nextBoolean()
                        ? new Value.Moment(random.nextInt(1_000_000))
                        : new Value.Ago(random.nextInt(100_000));
        };
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
