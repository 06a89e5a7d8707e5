using P6bNative.Trainer.Data;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Comparison;

public sealed class SameDataTests
{
    [Fact]
    public void The_same_bytes_elsewhere_are_the_same_data()
    {
        using var folder = new TestFolder();
        Assert.DoesNotContain("WARNING", Compared(folder, Data(folder["a.npz"], 1_500_000), Data(folder["b.npz"], 1_500_000)));
    }

    [Theory]
    [InlineData(1_500_000, 1_500_001, -1)]
    [InlineData(1_500_000, 1_500_000, 0)]
    [InlineData(1_500_000, 1_500_000, 1_499_999)]
    public void Other_bytes_are_other_data(int length, int otherLength, int changed)
    {
        using var folder = new TestFolder();
        string text = Compared(folder, Data(folder["a.npz"], length), Data(folder["b.npz"], otherLength, changed));
        Assert.Contains("WARNING  a and b are NOT comparable", text);
        Assert.Contains("contents differ", text);
    }

    [Fact]
    public void Data_that_are_gone_cannot_be_told_to_be_the_same()
    {
        using var folder = new TestFolder();
        Assert.Contains("not both are there", Compared(folder, Data(folder["a.npz"], 10), folder["gone.npz"]));
    }

    [Theory]
    [InlineData("\"target_offset\": 1", "\"target_offset\": 0", "target_offset 1 and 0")]
    [InlineData("\"val\": null", "\"val\": \"v.npz\"", "val split off the data and v.npz")]
    [InlineData("\"batch_size\": 32", "\"batch_size\": 64", "mini-5CATs are NOT comparable, 10 batches of 32 and of 64")]
    public void Settings_that_change_what_is_judged_are_warned_of(string setting, string other, string warning)
    {
        using var folder = new TestFolder();
        string a = new MadeUpRun(folder, "a", MadeUpRun.Config()).Path;
        string b = new MadeUpRun(folder, "b", MadeUpRun.Config().Replace(setting, other)).Path;
        Assert.Contains(warning, TestConsole.Run("compare", a, b).Output);
    }

    [Theory]
    [InlineData("context_sequences,target_vectors", true)]
    [InlineData("context_sequences,target_vectors,article_ids", false)]
    [InlineData("vectors", false)]
    public void Another_seed_splits_other_windows_off_only_where_there_are_no_articles(string keys, bool differ)
    {
        using var folder = new TestFolder();
        using (var file = new NpzWriter(folder["d.npz"]))
        {
            foreach (string key in keys.Split(','))
            {
                using NpyRowWriter rows = file.Add(key, 1, 1);
                rows.Write([1f]);
            }

            file.Complete();
        }

        string config = MadeUpRun.Config(data: folder["d.npz"].Replace('\\', '/'));
        string a = new MadeUpRun(folder, "a", config).Path, b = new MadeUpRun(folder, "b", config.Replace("\"seed\": 42", "\"seed\": 7")).Path;
        Assert.Equal(differ, TestConsole.Run("compare", a, b).Output.Contains("other windows validate"));
    }

    private static string Compared(TestFolder folder, string data, string otherData)
    {
        string a = new MadeUpRun(folder, "a", MadeUpRun.Config(data: data.Replace('\\', '/'))).Path;
        string b = new MadeUpRun(folder, "b", MadeUpRun.Config(data: otherData.Replace('\\', '/'))).Path;
        TestConsole run = TestConsole.Run("compare", a, b);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }

    private static string Data(string path, int length, int changed = -1)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        if (changed >= 0) bytes[changed] ^= 1;
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
