using System.Text;
using System.Text.Json;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Comparison;

/// <summary>Writes run folders without training: what the files say is up to the test.</summary>
internal sealed class MadeUpRun
{
    public MadeUpRun(TestFolder folder, string name, string config)
    {
        Path = folder[name];
        Directory.CreateDirectory(Path);
        File.WriteAllText(this["config.json"], config);
    }

    public string Path { get; }

    public string this[string file] => System.IO.Path.Combine(Path, file);

    /// <summary>A config with the keys that the comparison looks at.</summary>
    public static string Config(string mode = "p6b-v2.1", int epochs = 3, string data = "sample.npz", string more = "") => $$"""
        { "data": "{{data}}", "val": null, "target_offset": 1, "mode": "{{mode}}", "negative": "ctx3", "epochs": {{epochs}}, "batch_size": 32,
          "seed": 42, "log_every": 10, "output_dir": "anywhere"{{more}} }
        """;

    /// <summary>history.json: every object gets its epoch number.</summary>
    public MadeUpRun History(params Dictionary<string, object?>[] epochs)
    {
        var records = epochs.Select((epoch, i) => new Dictionary<string, object?>(epoch) { ["epoch"] = i + 1 });
        File.WriteAllText(this["history.json"], JsonSerializer.Serialize(new Dictionary<string, object> { ["history"] = records }));
        return this;
    }

    /// <summary>metrics.jsonl: step and epoch of every record, and its numbers by key.</summary>
    public MadeUpRun Metrics(IEnumerable<(long Step, int Epoch, Dictionary<string, object?> Values)> records)
    {
        var text = new StringBuilder();
        foreach ((long step, int epoch, Dictionary<string, object?> values) in records)
            text.Append(JsonSerializer.Serialize(new Dictionary<string, object?>(values) { ["step"] = step, ["epoch"] = epoch })).Append('\n');
        File.WriteAllText(this["metrics.jsonl"], text.ToString());
        return this;
    }

    /// <summary>Any file of the folder.</summary>
    public MadeUpRun With(string file, string text)
    {
        File.WriteAllText(this[file], text);
        return this;
    }
}
