using System.Runtime.InteropServices;
using System.Text;
using P6bNative.Trainer.Commands;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
using var stop = new CancellationTokenSource();

// The first Ctrl-C asks the run to save and stop; a second one ends the process at once.
void AskToStop(PosixSignalContext signal)
{
    if (stop.IsCancellationRequested) return;
    signal.Cancel = true;
    stop.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, AskToStop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, AskToStop);
return CommandLineApp.Run(args, new ConsoleContext(Console.Out, Console.Error, !Console.IsOutputRedirected, stop.Token));
