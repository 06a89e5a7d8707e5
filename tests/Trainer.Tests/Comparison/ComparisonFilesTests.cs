using System.Globalization;
using System.Text.Json;
using P6bNative.Trainer.Comparison;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Comparison;

public sealed class ComparisonFilesTests
{
    [Fact]
    public void Json_and_csv_hold_every_number_in_full_precision()
    {
        using var folder = new TestFolder();
        var random = new Random(7);
        Dictionary<string, object?>[] epochs = [.. Enumerable.Range(0, 4).Select(_ => MadeUpRuns.Epoch(
            Any(), Any(), Any(), Any(), Any(), Any(), Any() * 1e-9, Any() * 1e300, Any(), random.Next(), random.Next()))];
        MadeUpRun run = new MadeUpRun(folder, "a", MadeUpRun.Config()).History(epochs);
        Assert.Equal(0, TestConsole.Run("compare", run.Path, "--json", folder["c.json"], "--csv", folder["c.csv"]).ExitCode);

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(folder["c.json"]));
        JsonElement records = json.RootElement.GetProperty("runs")[0].GetProperty("epochs");
        string[] lines = File.ReadAllLines(folder["c.csv"]);
        string[] header = lines[0].Split(',');
        Assert.Equal(epochs.Length, records.GetArrayLength());
        Assert.Equal(epochs.Length, lines.Length - 1);
        (string, string)[] sources =
            [("val_cosine", "val_cosine"), ("mean_lambda", "mean_lambda_eff"), ("mean_rho", "mean_rho"),
                ("train_margin_negative", "mean_gap"), ("skips", "skip_count")];
        foreach ((string key, string source) in sources)
        {
            int column = Array.IndexOf(header, key);
            for (int i = 0; i < epochs.Length; i++)
            {
                double expected = Convert.ToDouble(epochs[i][source], CultureInfo.InvariantCulture);
                Assert.Equal(expected, records[i].GetProperty(key).GetDouble());
                Assert.Equal(expected, double.Parse(lines[i + 1].Split(',')[column], CultureInfo.InvariantCulture));
            }
        }

        double Any() => random.NextDouble() * 2 - 1;
    }

    [Fact]
    public void Json_names_what_differs_and_defines_every_measure()
    {
        using var folder = new TestFolder();
        string[] runs = MadeUpRuns.Write(folder);
        using JsonDocument json = JsonDocument.Parse(TestConsole.Run(["compare", .. runs, "--json", "-"]).Output);
        JsonElement root = json.RootElement;
        Assert.Equal("8", root.GetProperty("differing_settings").GetProperty("mode_constants.gamma").GetProperty("v1").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("differing_settings").GetProperty("mode_constants.gamma").GetProperty("old").ValueKind);
        Assert.Equal(0.118, root.GetProperty("runs")[0].GetProperty("evaluation").GetProperty("VAL").GetProperty("B:R@5").GetDouble());
        JsonElement collapsed = root.GetProperty("runs")[0];
        Assert.Equal((3, 2), (collapsed.GetProperty("last_epoch").GetInt32(), collapsed.GetProperty("best_epoch").GetInt32()));
        Assert.Equal(JsonValueKind.Null, root.GetProperty("runs")[2].GetProperty("epochs")[0].GetProperty("mini_margin_ctx4").ValueKind);
        Assert.StartsWith("step 207", root.GetProperty("runs")[2].GetProperty("stopped_by").GetString());
        string[] defined = [.. root.GetProperty("definitions").EnumerateObject().Select(property => property.Name)];
        Assert.Equal(Measures.All.Select(measure => measure.Key), defined);
    }

    [Fact]
    public void Csv_quotes_a_label_and_leaves_empty_what_is_not_there()
    {
        using var folder = new TestFolder();
        string csv = TestConsole.Run(["compare", .. MadeUpRuns.Write(folder), "--csv", "-"]).Output;
        string[] lines = csv.TrimEnd().Split('\n');
        Assert.Equal(1 + 3 + 1 + 2, lines.Length);
        Assert.StartsWith("\"v2, again\",p6b-v2,ctx3,1,0.4601,0.001406,", lines[4]);
        Assert.StartsWith("old,p6,ctx3,2,0.4811,,,", lines[6]);
        Assert.Equal(lines[0].Count(c => c == ','), lines[6].Count(c => c == ','));
    }

    [Fact]
    public void Only_one_output_goes_to_the_console()
    {
        using var folder = new TestFolder();
        string run = new MadeUpRun(folder, "a", MadeUpRun.Config()).Path;
        TestConsole.Run("compare", run, "--json", "-", "--csv", "-").AssertRefused("--json -", "--csv -");
        TestConsole.Run("compare", run, "--svg", "-").AssertRefused("--svg -");
        TestConsole.Run("compare", run, "--json", "").AssertRefused("--json");
        TestConsole.Run("compare", run, "--json", Path.Combine(folder.Path, "nowhere", "c.json")).AssertRefused("nowhere");
        TestConsole.Run("compare").AssertRefused("missing");
    }
}
