/**
 * What the commands have in common: how they are called, what they may look at, their options, how they print lists
 * and forms. Nothing here knows what a command is about; that is for the packages of the topics.
 */
@NullMarked
package io.millrace.infra.client.command;

import org.jspecify.annotations.NullMarked;
