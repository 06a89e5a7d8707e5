using P6bNative.Trainer.Commands;

namespace P6bNative.Trainer.Tests.Console;

/// <summary>Runs the console in this process and keeps what it printed.</summary>
internal sealed record TestConsole(int ExitCode, string Output, string Error)
{
    public static TestConsole Run(params string[] arguments) => Run(default, arguments);

    public static TestConsole Run(CancellationToken stop, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandLineApp.Run(arguments, new ConsoleContext(output, error, IsTerminal: false, stop));
        return new TestConsole(code, output.ToString(), error.ToString());
    }

    /// <summary>Asserts the contract of an error: exit code 1 and one line on stderr that holds every given word.</summary>
    public void AssertRefused(params string[] words)
    {
        Assert.Equal(1, ExitCode);
        string line = Assert.Single(Error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("p6b: ", line);
        Assert.DoesNotContain("   at ", Error + Output);
        foreach (string word in words) Assert.Contains(word, line);
    }
}
