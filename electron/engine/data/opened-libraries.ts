/** A part of the desktop that Chromium or Electron opens with dlopen when it is there. */
export interface OpenedFeature {
  readonly id:
    | 'notifications'
    | 'passwords'
    | 'speech'
    | 'sound'
    | 'graphics'
    | 'graphics-card'
    | 'kerberos'
    | 'screen-share';
  /** Alternatives, in the order in which they are tried. */
  readonly sonames: readonly string[];
}

/**
 * Libraries that Electron opens by name. None is a need: without one, one feature
 * is missing. Names as in Chromium (`base::LoadNativeLibrary` and `dlopen` in
 * ui/gl, media/audio/pulse, components/os_crypt, content/browser/speech,
 * net/http) and Electron (shell/browser/notifications/linux); whether a program
 * knows one is looked up in its own text.
 */
export const OPENED_FEATURES: readonly OpenedFeature[] = [
  { id: 'notifications', sonames: ['libnotify.so.4', 'libnotify.so.5', 'libnotify.so.1'] },
  { id: 'passwords', sonames: ['libsecret-1.so.0', 'libgnome-keyring.so.0'] },
  { id: 'speech', sonames: ['libspeechd.so.2'] },
  { id: 'sound', sonames: ['libpulse.so.0'] },
  { id: 'graphics', sonames: ['libGL.so.1', 'libEGL.so.1'] },
  { id: 'graphics-card', sonames: ['libpci.so.3'] },
  { id: 'kerberos', sonames: ['libgssapi_krb5.so.2'] },
  { id: 'screen-share', sonames: ['libpipewire-0.3.so.0'] },
];
