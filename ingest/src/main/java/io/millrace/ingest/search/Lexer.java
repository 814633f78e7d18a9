package io.millrace.ingest.search;

import java.util.ArrayList;
import java.util.List;

/** Cuts a query into its parts. */
final class Lexer {

    private static final String SIGNS = "=!<>~";
    private static final String ENDS_WORD = SIGNS + "(),\"'";

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(String text) {
        this.text = text;
    }

    /** @return the parts, behind which one stands for the end */
    static List<Token> tokens(String text) {
        Lexer lexer = new Lexer(text);
        lexer.run();
        return lexer.tokens;
    }

    /** @return whether the text is a word as it stands, without quotes */
    static boolean isWord(String text) {
        return !text.isEmpty() && text.chars().allMatch(Lexer::inWord);
    }

    /** @return the text in quotes */
    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static boolean inWord(int c) {
        return !blank(c) && ENDS_WORD.indexOf(c) < 0;
    }

    private static boolean blank(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c);
    }

    private void run() {
        while (true) {
            while (at < text.length() && blank(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                tokens.add(new Token(Token.Type.END, "", at, at));
                return;
            }
            tokens.add(next());
        }
    }

    private Token next() {
        int from = at;
        char c = text.charAt(at);
        switch (c) {
            case '(' -> {
                return single(Token.Type.LEFT);
            }
            case ')' -> {
                return single(Token.Type.RIGHT);
            }
            case ',' -> {
                return single(Token.Type.COMMA);
            }
            case '"', '\'' -> {
                String inside = quotedText();
                return new Token(Token.Type.QUOTED, inside, from, at);
            }
            default -> {
                return SIGNS.indexOf(c) >= 0 ? sign() : word();
            }
        }
    }

    private Token single(Token.Type type) {
        at++;
        return new Token(type, text.substring(at - 1, at), at - 1, at);
    }

    private Token sign() {
        int from = at;
        char second = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
        int length = second == '=' || text.charAt(at) == '!' && second == '~' ? 2 : 1;
        at += length;
        String sign = text.substring(from, at);
        return switch (sign) {
            case "=", "!=", ">", ">=", "<", "<=", "~", "!~" -> new Token(Token.Type.SIGN, sign, from, at);
            case "==" -> throw new SearchFault("expected = to compare, but got ==", from, length);
            default ->
                throw new SearchFault("expected one of = != > >= < <= ~ !~ to compare, but got " + sign, from, length);
        };
    }

    private Token word() {
        int from = at;
        while (at < text.length() && inWord(text.charAt(at))) {
            at++;
        }
        String word = text.substring(from, at);
        // metadata."a name with blanks"
        if (word.endsWith(".") && at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'')) {
            word += quotedText();
        }
        return new Token(Token.Type.WORD, word, from, at);
    }

    private String quotedText() {
        int from = at;
        char quote = text.charAt(at++);
        StringBuilder inside = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == quote) {
                return inside.toString();
            }
            if (c == '\\' && at < text.length()) {
                c = text.charAt(at++);
                if (c != '\\' && c != '"' && c != '\'') {
                    throw new SearchFault("expected \\\\, \\\" or \\' behind a backslash, but got another", at - 2, 2);
                }
            }
            inside.append(c);
        }
        throw new SearchFault("expected " + quote + " at the end of the text that it begins", from, at - from);
    }
}
