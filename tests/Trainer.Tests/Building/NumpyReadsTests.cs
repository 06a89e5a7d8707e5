using System.Diagnostics;
using System.Text.Json;
using P6bNative.Trainer.Tests.Console;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Building;

/// <summary>numpy opens what <c>data make</c> writes; skipped where no Python with numpy is found, unless P6B_REQUIRE_NUMPY is 1.</summary>
public sealed class NumpyReadsTests : IDisposable
{
    private const string Dump = """
        import json, sys
        import numpy as np
        def plain(value):
            return value.item() if isinstance(value, np.generic) else value
        result = {}
        with np.load(sys.argv[1], allow_pickle=True) as file:
            for key in file.files:
                array = file[key]
                result[key] = {"dtype": array.dtype.str, "shape": list(array.shape),
                    "sum": float(array.astype(float).sum()) if array.dtype.kind in "fi" else None,
                    "first": plain(array.ravel()[0]) if array.dtype.kind != "f" else None,
                    "types": {k: type(v).__name__ for k, v in array[0].items()} if key == "metadata" else None}
        print(json.dumps(result))
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("base_all", "--straddle", "--target-offset", "0")]
    [InlineData("p6_all", "--straddle")]
    public void Sequence_files_with_all_keys_types_and_dicts(string name, params string[] flags)
    {
        Assert.Equal(0, TestConsole.Run(["data", "make", Fixture.Of("made_store.npz"), "--out", _folder["out.npz"], .. flags]).ExitCode);
        JsonElement actual = Read(_folder["out.npz"]);
        foreach (JsonProperty expected in Read(Fixture.Of($"made_{name}.npz")).EnumerateObject())
            Assert.Equal(expected.Value.GetRawText(), actual.GetProperty(expected.Name).GetRawText());
        Assert.Equal("[[\"<i8\",5]]", $"[[\"{actual.GetProperty("context_articles").GetProperty("dtype").GetString()}\","
            + $"{actual.GetProperty("context_articles").GetProperty("shape")[1]}]]");
    }

    [Fact]
    public void Store_subsets_with_their_texts()
    {
        Assert.Equal(0, TestConsole.Run("data", "make", Fixture.Of("made_store.npz"), "--as", "store", "--include-articles", "7-11",
            "--out", _folder["out.npz"]).ExitCode);
        JsonElement actual = Read(_folder["out.npz"]);
        Assert.Equal("[22,6]", actual.GetProperty("vectors").GetProperty("shape").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("Text 0 of article 7, in grün.", actual.GetProperty("concept_texts").GetProperty("first").GetString());
        Assert.Equal("chunk-7/0", actual.GetProperty("cpe_ids").GetProperty("first").GetString());
    }

    [Fact]
    public void Synthetic_stores()
    {
        Assert.Equal(0, TestConsole.Run("data", "make", "--synthetic", "--articles", "3", "--chunks", "9", "--dim", "16", "--out", _folder["out.npz"]).ExitCode);
        JsonElement actual = Read(_folder["out.npz"]);
        Assert.Equal("<f4", actual.GetProperty("vectors").GetProperty("dtype").GetString());
        Assert.Equal(9 * (0 + 1 + 2), actual.GetProperty("article_indices").GetProperty("sum").GetDouble());
        Assert.Equal(3 * 36, actual.GetProperty("chunk_indices").GetProperty("sum").GetDouble());
        Assert.Equal("synthetic", actual.GetProperty("source_dataset").GetProperty("first").GetString());
    }

    private static JsonElement Read(string path)
    {
        string? python = ((string[])["python3", "/usr/bin/python3", "python"]).FirstOrDefault(command => TryRun(command, "import numpy", path) is not null);
        if (python is null && Environment.GetEnvironmentVariable("P6B_REQUIRE_NUMPY") != "1")
            Assert.Skip("No Python with numpy on this machine: files were not read by numpy.");
        string output = TryRun(python ?? "python3", Dump, path) ?? throw new InvalidOperationException($"numpy does not read {path}.");
        using JsonDocument json = JsonDocument.Parse(output);
        return json.RootElement.Clone();
    }

    private static string? TryRun(string command, string program, string argument)
    {
        var start = new ProcessStartInfo(command, ["-c", program, argument]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            _ = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
