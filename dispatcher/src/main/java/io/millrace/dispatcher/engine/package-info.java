/**
 * What decides. A command and the state give events, an answer and commands for others, the same at any time and on any
 * machine. No clock, no chance, no thread, no I/O, no wire: {@code ArchitectureTest} holds that. Here is how one command is
 * carried out. The kinds of commands have their handlers in {@code handle}. What a decision is made of stands in {@code decide}.
 */
@NullMarked
package io.millrace.dispatcher.engine;

import org.jspecify.annotations.NullMarked;
