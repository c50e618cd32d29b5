import { Menu, type MenuItemConstructorOptions } from 'electron';
import { translate, type Language } from '../../shared/messages/translate.ts';

type Role = NonNullable<MenuItemConstructorOptions['role']>;

/**
 * The smallest menu that keeps the keyboard working: editing, zoom, quit. It is
 * hidden until Alt is pressed. No reload and no developer tools.
 */
export function setMenu(language: Language): void {
  const words = (name: string): string =>
    translate(language, { key: `app.menu.${name}`, params: {} });
  const item = (role: Role, name: string, accelerator?: string): MenuItemConstructorOptions => ({
    role,
    label: words(name),
    ...(accelerator ? { accelerator } : {}),
  });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      { label: words('file'), submenu: [item('quit', 'quit', 'Ctrl+Q')] },
      {
        label: words('edit'),
        submenu: [
          item('cut', 'cut'),
          item('copy', 'copy'),
          item('paste', 'paste'),
          item('selectAll', 'selectAll'),
        ],
      },
      {
        label: words('view'),
        submenu: [
          item('resetZoom', 'resetZoom'),
          item('zoomIn', 'zoomIn'),
          item('zoomOut', 'zoomOut'),
          item('togglefullscreen', 'fullScreen'),
        ],
      },
    ]),
  );
}
