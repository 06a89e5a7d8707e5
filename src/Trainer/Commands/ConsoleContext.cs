using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>Where a verb writes, and how it is asked to stop. Tests hand in their own.</summary>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsTerminal">Whether <paramref name="Output"/> is a terminal: live progress and colours.</param>
/// <param name="Stop">Asks a run to stop, in tests; by default Ctrl-C does (<see cref="StopSignals"/>).</param>
internal sealed record ConsoleContext(TextWriter Output, TextWriter Error, bool IsTerminal, CancellationToken Stop)
{
    private const int PlainWidth = 150;

    /// <summary>Columns of the terminal.</summary>
    public int Width => IsTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : PlainWidth;

    /// <summary>Prints a table; without colours and at full width where the output is not a terminal.</summary>
    public void Write(Table table)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(Output),
        });
        if (!IsTerminal) console.Profile.Width = PlainWidth;
        console.Write(table.Border(TableBorder.Simple));
    }

    /// <summary>A table with right-aligned columns but for the first.</summary>
    public static Table NewTable(params ReadOnlySpan<string> columns)
    {
        var table = new Table();
        foreach (string column in columns)
        {
            var header = new TableColumn(Markup.Escape(column)) { NoWrap = true };
            table.AddColumn(table.Columns.Count == 0 ? header : header.RightAligned());
        }

        return table;
    }
}
