using System.Diagnostics;
using System.Text;
using P6bNative.Model;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Training;

public sealed class KillTests
{
    private const int Kills = 20;

    private StringBuilder Output { get; } = new();

    /// <summary>
    /// A real process is killed 20 times at random instants of a run that checkpoints after every short epoch; each time the next
    /// process goes on from a whole checkpoint, and the result is that of a run never killed.
    /// </summary>
    [Fact]
    public void Killed_at_any_instant_the_run_resumes_from_a_whole_checkpoint()
    {
        using var folder = new TestFolder();
        string[] settings = ["--epochs", "100000", "--log-every", "100", "--lr", "1e-4"];
        string run = folder["killed"];
        var random = new Random(20);
        string[] arguments = TinyRun.Arguments(run, settings);
        for (int killed = 0; killed < Kills; killed++)
        {
            using Process process = Start(arguments);

            // The first kills come wherever they come, even before the first checkpoint; the others while checkpoints are being written.
            if (killed >= Kills / 2) WaitForChange(process, Path.Combine(run, "last.state"));
            process.WaitForExit(random.Next(1, killed < Kills / 2 ? 800 : 40));
            process.Kill();
            process.WaitForExit();
            Assert.Equal("", process.StandardError.ReadToEnd());
            if (File.Exists(Path.Combine(run, "config.json"))) arguments = ["train", "--resume", run];
        }

        string end = $"{StepOf(Path.Combine(run, "last.state")) + 30}";
        TestConsole last = TestConsole.Run("train", "--resume", run, "--max-steps", end);
        Assert.Equal("", last.Error);
        Assert.Equal(0, last.ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["whole"], [.. settings, "--max-steps", end]).ExitCode);
        foreach (string name in (string[])["last.safetensors", "last.state", "best.safetensors"])
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(folder["whole"], name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(run, name))), name);
        }

        Assert.Empty(Directory.EnumerateFiles(run, "*.tmp"));
    }

    [Fact]
    public void Stopped_by_a_signal_the_process_saves_and_exits_with_130()
    {
        using var folder = new TestFolder();
        using Process process = Start(TinyRun.Arguments(folder["run"], "--epochs", "100000"));
        WaitForFile(process, Path.Combine(folder["run"], "last.state"));
        using Process signal = Process.Start("kill", [IgnoresInterrupt(process) ? "-TERM" : "-INT", $"{process.Id}"]);
        signal.WaitForExit();
        Assert.True(process.WaitForExit(60_000));
        Assert.Equal(130, process.ExitCode);
        process.WaitForExit();
        Assert.Contains("Interrupted and saved", Output.ToString());
    }

    private static long StepOf(string state)
    {
        using SafetensorsFile file = SafetensorsFile.Open(state);
        return long.Parse(file.Metadata["step"]);
    }

    private static void WaitForChange(Process process, string path)
    {
        DateTime before = File.GetLastWriteTimeUtc(path);
        while (File.GetLastWriteTimeUtc(path) == before) Assert.False(process.WaitForExit(1), "The run ended by itself.");
    }

    /// <summary>A job started in the background by a shell script inherits SIGINT as ignored; such a run is stopped by SIGTERM.</summary>
    private static bool IgnoresInterrupt(Process process)
    {
        string status = $"/proc/{process.Id}/status";
        if (!File.Exists(status)) return false;
        string ignored = File.ReadLines(status).First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))["SigIgn:".Length..].Trim();
        return (Convert.ToUInt64(ignored, 16) & 0b10) != 0;
    }

    private static void WaitForFile(Process process, string path)
    {
        while (!File.Exists(path)) Assert.False(process.WaitForExit(5), $"{path} was never written: {(process.HasExited ? process.StandardError.ReadToEnd() : "")}");
    }

    private Process Start(string[] arguments)
    {
        var info = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "p6b.dll"));
        foreach (string argument in arguments) info.ArgumentList.Add(argument);
        Process process = Process.Start(info)!;

        // Read all the time, or a full pipe would stop the process.
        process.OutputDataReceived += (_, line) => Output.Append(line.Data).Append('\n');
        process.BeginOutputReadLine();
        return process;
    }
}
