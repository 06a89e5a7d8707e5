using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Tests.Telemetry;

public class AtomicFileTests
{
    [Fact]
    public void Replaces_the_content_and_leaves_no_other_file()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteAllText(folder["a.json"], "a longer first content");
        AtomicFile.WriteAllText(folder["a.json"], "λ");
        Assert.Equal([0xCE, 0xBB], File.ReadAllBytes(folder["a.json"]));
        Assert.Equal(["a.json"], folder.Names);
    }

    [Fact]
    public void The_old_file_stays_where_writing_fails()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteAllText(folder["a"], "old");
        Assert.Throws<FormatException>(() => AtomicFile.Write(folder["a"], stream =>
        {
            stream.Write(new byte[1 << 20]);
            throw new FormatException();
        }));
        Assert.Equal("old", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], folder.Names);
    }

    [Fact]
    public void What_a_kill_left_behind_is_written_over()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.tmp"], "half of a very long content");
        AtomicFile.WriteAllText(folder["a"], "new");
        Assert.Equal("new", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], folder.Names);
    }

    [Fact]
    public void A_folder_that_is_missing_is_an_input_error()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder["missing"], "a");
        Assert.Contains(path, Assert.Throws<InputException>(() => AtomicFile.WriteAllText(path, "x")).Message);
    }

    [Fact]
    public void A_name_that_is_a_folder_is_an_input_error()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["a"]);
        Assert.Contains(folder["a"], Assert.Throws<InputException>(() => AtomicFile.WriteAllText(folder["a"], "x")).Message);
        Assert.Equal(["a"], folder.Names);
    }
}
