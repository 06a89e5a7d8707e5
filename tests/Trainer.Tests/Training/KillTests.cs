using System.Diagnostics;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Training;

public sealed class KillTests
{
    private const int Kills = 20;

    /// <summary>
    /// A real process is killed 20 times at random instants of a run that checkpoints after every short epoch; each time the next
    /// process goes on from a whole checkpoint, and the result is that of a run never killed.
    /// </summary>
    [Fact]
    public void Killed_at_any_instant_the_run_resumes_from_a_whole_checkpoint()
    {
        using var folder = new TestFolder();
        string[] settings = ["--epochs", "400", "--log-every", "100", "--threads", "1", "--lr", "1e-4"];
        Assert.Equal(0, TinyRun.Train(folder["whole"], settings).ExitCode);

        var random = new Random(20);
        string run = folder["killed"];
        using (Process first = Start([.. TinyRun.Arguments(run, settings)])) KillAfterFirstCheckpoint(first, run, random);
        int killed = 1;
        while (killed < Kills)
        {
            using Process process = Start(["train", "--resume", run]);
            if (process.WaitForExit(random.Next(20, 900)))
            {
                Assert.Fail($"The run ended after {killed} of {Kills} kills with exit code {process.ExitCode}: {process.StandardError.ReadToEnd()}");
            }

            process.Kill();
            process.WaitForExit();
            Assert.Equal("", process.StandardError.ReadToEnd());
            killed++;
        }

        TestConsole last = TestConsole.Run("train", "--resume", run);
        Assert.Equal("", last.Error);
        Assert.Equal(0, last.ExitCode);
        foreach (string name in (string[])["last.safetensors", "last.state", "best.safetensors"])
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(folder["whole"], name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(run, name))), name);
        }
    }

    [Fact]
    public void Interrupted_by_SIGINT_the_process_saves_and_exits_with_130()
    {
        using var folder = new TestFolder();
        using Process process = Start(TinyRun.Arguments(folder["run"], "--epochs", "100000"));
        WaitForFile(process, Path.Combine(folder["run"], "last.state"));
        using Process signal = Process.Start("kill", ["-INT", $"{process.Id}"]);
        signal.WaitForExit();
        Assert.True(process.WaitForExit(60_000));
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("Interrupted and saved", process.StandardOutput.ReadToEnd());
    }

    private static void KillAfterFirstCheckpoint(Process process, string run, Random random)
    {
        WaitForFile(process, Path.Combine(run, "last.state"));
        process.WaitForExit(random.Next(1, 200));
        process.Kill();
        process.WaitForExit();
    }

    private static void WaitForFile(Process process, string path)
    {
        while (!File.Exists(path)) Assert.False(process.WaitForExit(5), $"{path} was never written: {(process.HasExited ? process.StandardError.ReadToEnd() : "")}");
    }

    private static Process Start(string[] arguments)
    {
        var info = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "p6b.dll"));
        foreach (string argument in arguments) info.ArgumentList.Add(argument);
        Process process = Process.Start(info)!;
        return process;
    }
}
