using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>The command line of a small run on the checked-in sequence file: 4 layers' worth of behaviour in milliseconds.</summary>
internal static class TinyRun
{
    public static string Fixture(params string[] path) => Path.Combine([AppContext.BaseDirectory, "Fixtures", .. path]);

    /// <summary>Stands in the place of a value after a flag that takes none.</summary>
    public const string Switch = "(switch)";

    /// <summary>The run's flags; those of <paramref name="more"/>, name and value (<see cref="Switch"/> where there is none) in turn, replace them.</summary>
    public static string[] Arguments(string folder, params string[] more)
    {
        var flags = new Dictionary<string, string>
        {
            ["--data"] = Fixture("parity", "even", "data.npz"),
            ["--output-dir"] = folder,
            ["--d-model"] = "16",
            ["--layers"] = "2",
            ["--heads"] = "2",
            ["--ff"] = "24",
            ["--batch-size"] = "8",
            ["--epochs"] = "3",
            ["--log-every"] = "1",
            ["--threads"] = "1",
        };
        for (int i = 0; i < more.Length; i += 2) flags[more[i]] = more[i + 1];
        return ["train", .. flags.SelectMany(flag => flag.Value != Switch ? (string[])[flag.Key, flag.Value] : [flag.Key])];
    }

    public static TestConsole Train(string folder, params string[] more) => TestConsole.Run(Arguments(folder, more));
}
