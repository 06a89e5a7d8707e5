using System.Text;
using P6bNative.Trainer.Comparison;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Commands;

/// <summary>The verb <c>compare</c>: runs side by side.</summary>
internal static class CompareCommand
{
    public static int Run(CompareOptions options, ConsoleContext console)
    {
        RequireFiles(options);
        RunComparison comparison = RunComparison.Of([.. options.Runs]);
        if (options.Json is { } json) WriteFile(json, stream => ComparisonJson.Write(comparison, stream), console);
        if (options.Csv is { } csv) WriteFile(csv, stream => stream.Write(Encoding.UTF8.GetBytes(ComparisonCsv.Text(comparison))), console);
        if (options.Svg is { } svg) WriteFile(svg, stream => stream.Write(Encoding.UTF8.GetBytes(ComparisonSvg.Text(comparison))), console);
        if (!ToOutput(options.Json) && !ToOutput(options.Csv)) ComparisonText.Write(comparison, console);
        return ExitCode.Done;
    }

    private static bool ToOutput(string? file) => file == "-";

    private static void WriteFile(string file, Action<Stream> write, ConsoleContext console)
    {
        if (!ToOutput(file))
        {
            AtomicFile.Write(file, write);
            return;
        }

        using var content = new MemoryStream();
        write(content);
        console.Output.WriteLine(Encoding.UTF8.GetString(content.ToArray()).TrimEnd('\n'));
    }

    private static void RequireFiles(CompareOptions options)
    {
        (string Flag, string? File)[] outputs = [("--json", options.Json), ("--csv", options.Csv), ("--svg", options.Svg)];
        foreach ((string flag, string? file) in outputs)
        {
            if (file is not null && file.Length == 0) throw new InputException($"{flag}: must be the name of a file.");
        }

        if (ToOutput(options.Json) && ToOutput(options.Csv))
            throw new InputException("--json - and --csv -: only one of them can go to standard output.");
        if (ToOutput(options.Svg)) throw new InputException("--svg -: must be the name of a file.");
    }
}
